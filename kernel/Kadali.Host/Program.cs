using Kadali.Host;

// Jupyter waits for the kernel: its command goes past the command-line library, which would be loaded for nothing.
if (args is ["kernel", var file] && !file.StartsWith('-'))
{
    return KernelCommand.Run(file);
}

return await CommandLine.RunAsync(args);
