using System.Text;
using System.Text.Json;

namespace Kadali.Protocol.Tests;

public sealed class WireCodecTests
{
    private readonly WireCodec _codec = new(new MessageSigner("key"u8.ToArray()), "session");

    [Fact]
    public void What_is_written_reads_back_with_its_parent_as_it_came()
    {
        var parent = Encoding.UTF8.GetBytes("{\"msg_id\":\"p\",  \"msg_type\":\"execute_request\"}");

        var read = _codec.Read(
            _codec.Write([[1, 2]], "stream", new("stdout", "hé\n"), WireJson.Default.StreamContent, parent, default, [[9]]));

        Assert.Equal("stream", read.Header.MsgType);
        Assert.Equal(WireCodec.ProtocolVersion, read.Header.Version);
        Assert.Equal(parent, read.ParentHeader.ToArray());
        Assert.Equal("p", read.Parent()!.MsgId);
        Assert.Equal([[1, 2]], read.Identities);
        Assert.Equal([[9]], read.Buffers);
        Assert.Equal(new StreamContent("stdout", "hé\n"), JsonSerializer.Deserialize(read.Content.Span, WireJson.Default.StreamContent));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_message_that_lacks_a_frame_is_refused(int missing)
    {
        var frames = _codec.Write([[1]], "status", new("idle"), WireJson.Default.StatusContent, default);
        frames.RemoveAt(missing);

        if (missing == 0)
        {
            Assert.Equal("status", _codec.Read(frames).Header.MsgType);
        }
        else
        {
            Assert.Throws<WireException>(() => _codec.Read(frames));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public void A_frame_that_was_changed_is_refused_by_its_signature(int changed)
    {
        var frames = _codec.Write([[1]], "status", new("idle"), WireJson.Default.StatusContent, default);
        frames[changed][0] ^= 1;

        Assert.Contains("signature", Assert.Throws<WireException>(() => _codec.Read(frames)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("")]
    public void Signed_content_that_is_no_object_is_refused(string content)
    {
        var frames = _codec.Write([], "status", Encoding.UTF8.GetBytes(content), default);

        Assert.Throws<WireException>(() => _codec.Read(frames));
    }

    [Fact]
    public void Signed_content_that_is_not_utf8_is_refused()
    {
        var frames = _codec.Write([], "status", [.. "{\"a\":\""u8, 0xff, .. "\"}"u8], default);

        Assert.Throws<WireException>(() => _codec.Read(frames));
    }
}
