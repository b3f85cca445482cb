namespace Kadali.Protocol;

/// <summary>The sockets on which a kernel speaks.</summary>
public enum JupyterChannel
{
    Shell,
    Control,
    Stdin,
    Iopub,
}
