using System.Text;

namespace Kadali.Protocol.Tests;

public sealed class MessageSignerTests
{
    private static readonly ReadOnlyMemory<byte>[] Frames =
    [
        .. ((string[])["{}", "{}", "{}", "{\"a\":1}"]).Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text)),
    ];
    private readonly MessageSigner _signer = new("secret"u8.ToArray());

    [Fact]
    public void A_signature_is_the_hexadecimal_hmac_of_the_four_frames()
    {
        var expected = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("secret"u8, "{}{}{}{\"a\":1}"u8));

        Assert.Equal(expected, Encoding.ASCII.GetString(_signer.Sign(Frames)));
    }

    [Fact]
    public void A_signature_made_with_another_key_is_refused()
    {
        var forged = new MessageSigner("other"u8.ToArray()).Sign(Frames);

        Assert.False(_signer.Verify(forged, Frames));
        Assert.True(_signer.Verify(_signer.Sign(Frames), Frames));
    }

    [Fact]
    public void An_empty_key_turns_signing_off()
    {
        Assert.Empty(new MessageSigner([]).Sign(Frames));
        Assert.True(new MessageSigner([]).Verify("anything"u8, Frames));
    }

    [Fact]
    public void A_scheme_that_is_not_known_is_named()
    {
        var exception = Assert.Throws<NotSupportedException>(() => MessageSigner.For("key", "hmac-md5"));

        Assert.Contains("hmac-md5", exception.Message, StringComparison.Ordinal);
    }
}
