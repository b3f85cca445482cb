using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Kadali.Tables;

/// <summary>Bytes of any length: text and blobs.</summary>
internal sealed class BytesBuilder<T>(IArrowType type, Action<T, BytesWriter> write, string? extension = null) : ColumnBuilder<T>
{
    private readonly List<int> _offsets = [0];
    private readonly BytesWriter _bytes = new();

    public override IArrowType Type => type;

    public override string? Extension => extension;

    public override void Append(T value)
    {
        if (value is null)
        {
            AppendNull();
            return;
        }

        write(value, _bytes);
        _offsets.Add(_bytes.Length);
        Valid();
    }

    protected override void AppendDefault() => _offsets.Add(_bytes.Length);

    protected override ArrayData Build(ArrowBuffer validity, int length, int nulls)
    {
        var offsets = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_offsets)).ToArray();
        _offsets.Clear();
        _offsets.Add(0);
        return new(type, length, nulls, 0, [validity, new ArrowBuffer(offsets), new ArrowBuffer(_bytes.Take())]);
    }
}

/// <summary>Bytes that grow.</summary>
internal sealed class BytesWriter
{
    private byte[] _bytes = new byte[1024];

    public int Length { get; private set; }

    public void Write(string text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(Length));
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public byte[] Take()
    {
        var taken = _bytes[..Length];
        Length = 0;
        return taken;
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - Length < more)
        {
            System.Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, checked(Length + more)));
        }
    }
}
