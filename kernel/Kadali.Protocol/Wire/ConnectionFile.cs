using System.Text.Json;

namespace Kadali.Protocol;

/// <summary>What a connection file says: where the kernel listens, and the key that signs.</summary>
public sealed record ConnectionFile(
    string Ip, int ShellPort, int IopubPort, int StdinPort, int ControlPort, int HbPort, string Key = "",
    string Transport = "tcp", string? SignatureScheme = "hmac-sha256", string? KernelName = null)
{
    /// <summary>Reads a connection file.</summary>
    /// <exception cref="InvalidDataException">It is no connection file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ConnectionFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), WireJson.Default.ConnectionFile)
                ?? throw new InvalidDataException($"'{path}' is no connection file: it holds null.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is no connection file: {exception.Message}", exception);
        }
    }

    /// <summary>The bytes of a connection file.</summary>
    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, WireJson.Default.ConnectionFile);

    /// <summary>The ZeroMQ address of one of the ports.</summary>
    public string Address(int port) => Transport == "ipc" ? $"ipc://{Ip}-{port}" : $"{Transport}://{Ip}:{port}";

    /// <summary>Without the key, which must not reach a log.</summary>
    public override string ToString() =>
        $"{Transport}://{Ip} shell {ShellPort} iopub {IopubPort} stdin {StdinPort} control {ControlPort} hb {HbPort}";
}
