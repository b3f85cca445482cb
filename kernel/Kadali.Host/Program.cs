using Kadali.Host;

// Jupyter waits for the kernel: its command goes past the command-line library, which would be loaded for nothing.
return args is ["kernel", var file] && !file.StartsWith('-') ? KernelCommand.Run(file) : 1;
