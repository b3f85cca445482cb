using System.Text.Json;

namespace Kadali.Protocol.Tests;

/// <summary>The JSON of messages as the Jupyter documentation gives it.</summary>
public sealed class MessageTests
{
    [Fact]
    public void An_execute_request_needs_no_more_than_its_code()
    {
        var request = JsonSerializer.Deserialize("""{"code":"1+1","unknown":[1]}""", WireJson.Default.ExecuteRequest)!;

        Assert.Equal(("1+1", false, true, true), (request.Code, request.Silent, request.StoreHistory, request.StopOnError));
    }

    [Fact]
    public void An_execute_request_without_code_is_refused() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"silent":false}""", WireJson.Default.ExecuteRequest));

    [Fact]
    public void Replies_carry_their_status()
    {
        ExecuteReply failed = new ExecuteReply.Failed(3, "E", "v", ["t"]);

        Assert.Equal(
            """{"status":"error","ename":"E","evalue":"v","traceback":["t"],"execution_count":3}""",
            JsonSerializer.Serialize(failed, WireJson.Default.ExecuteReply));
    }

    [Fact]
    public void A_connection_file_of_jupyter_can_be_read()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, """
            {"shell_port":1,"iopub_port":2,"stdin_port":3,"control_port":4,"hb_port":5,"ip":"127.0.0.1","key":"k","transport":"tcp",
             "signature_scheme":"hmac-sha256","kernel_name":"kadali","jupyter_session":"x"}
            """);

        var connection = ConnectionFile.Read(path);

        Assert.Equal("tcp://127.0.0.1:4", connection.Address(connection.ControlPort));
        Assert.DoesNotContain("k ", connection.ToString(), StringComparison.Ordinal);
        File.Delete(path);
    }

    [Fact]
    public void A_file_that_is_no_connection_file_is_named()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "{");

        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => ConnectionFile.Read(path)).Message, StringComparison.Ordinal);
        File.Delete(path);
    }
}
