namespace Kadali.Delta;

/// <summary>Bytes as text: five characters for four bytes, big-endian (ZeroMQ RFC 32).</summary>
internal static class Z85
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    /// <param name="bytes">Padded with zeros to a multiple of four.</param>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[(bytes.Length + 3) / 4 * 5];
        for (var i = 0; i < text.Length / 5; i++)
        {
            uint value = 0;
            for (var b = 0; b < 4; b++)
            {
                value = value << 8 | (4 * i + b < bytes.Length ? bytes[4 * i + b] : 0u);
            }

            for (var c = 4; c >= 0; c--)
            {
                text[5 * i + c] = Alphabet[(int)(value % 85)];
                value /= 85;
            }
        }

        return new(text);
    }

    /// <exception cref="FormatException">The text is no Z85.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text)
    {
        if (text.Length % 5 != 0)
        {
            throw new FormatException("Z85 has five characters for four bytes.");
        }

        var bytes = new List<byte>(text.Length / 5 * 4);
        for (var i = 0; i < text.Length; i += 5)
        {
            var group = text.Slice(i, 5);

            // A writer in Rust pads a last group of 3, 2 or 1 bytes with one, two or three '#' in front, which no group of four bytes
            // begins with.
            var padding = i + 5 == text.Length && !IsValid(group) ? group.Length - group.TrimStart('#').Length : 0;
            var value = 0UL;
            foreach (var letter in group[padding..])
            {
                var digit = Alphabet.IndexOf(letter, StringComparison.Ordinal);
                value = digit < 0 ? throw new FormatException($"Z85 has no '{letter}'.") : value * 85 + (uint)digit;
            }

            if (padding > 3 || value > uint.MaxValue)
            {
                throw new FormatException($"Z85 has no group '{group}'.");
            }

            for (var b = 3 - padding; b >= 0; b--)
            {
                bytes.Add((byte)(value >> (8 * b)));
            }
        }

        return [.. bytes];
    }

    private static bool IsValid(ReadOnlySpan<char> group)
    {
        var value = 0UL;
        foreach (var letter in group)
        {
            value = value * 85 + (uint)Math.Max(0, Alphabet.IndexOf(letter, StringComparison.Ordinal));
        }

        return value <= uint.MaxValue;
    }
}
