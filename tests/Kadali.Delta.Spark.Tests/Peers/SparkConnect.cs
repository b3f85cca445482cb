using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Kadali.Delta.Spark.Tests;

/// <summary>Spark said no.</summary>
public sealed class SparkException(string message) : Exception(message);

/// <summary>
/// As much of a Spark Connect client as these tests need: a statement as text goes there, Arrow batches come back. gRPC is HTTP/2 with frames of
/// five bytes, and of its messages only a handful of fields are of interest here.
/// </summary>
internal sealed class SparkConnect(Uri server) : IDisposable
{
    // Fields of spark/connect/base.proto and relations.proto.
    private const int SessionId = 1, UserContext = 2, UserId = 1, ThePlan = 3, Root = 1, Sql = 10, Query = 1, ArrowBatch = 2, Data = 2;

    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan })
    {
        BaseAddress = server, Timeout = TimeSpan.FromMinutes(2),
    };

    private readonly string _session = Guid.NewGuid().ToString("D");

    /// <summary>Runs a statement to its end.</summary>
    /// <exception cref="SparkException">It failed.</exception>
    public async Task<IReadOnlyList<RecordBatch>> RunAsync(string sql)
    {
        var plan = Message((Root, Message((Sql, Message((Query, System.Text.Encoding.UTF8.GetBytes(sql)))))));
        var request = Message(
            (SessionId, System.Text.Encoding.UTF8.GetBytes(_session)), (UserContext, Message((UserId, "kadali"u8.ToArray()))),
            (ThePlan, plan));
        var frame = new byte[5 + request.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), request.Length);
        request.CopyTo(frame, 5);
        using var message = new HttpRequestMessage(HttpMethod.Post, "spark.connect.SparkConnectService/ExecutePlan")
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
            Headers = { TE = { new TransferCodingWithQualityHeaderValue("trailers") } },
        };

        using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        var answer = await response.Content.ReadAsByteArrayAsync();
        if (Status(response) is var (code, text) && code != "0")
        {
            throw new SparkException($"{text} (gRPC status {code})\n{sql}");
        }

        return [.. Batches(answer)];
    }

    public void Dispose() => _client.Dispose();

    private static (string Code, string Text) Status(HttpResponseMessage response)
    {
        string Header(string name) => response.TrailingHeaders.TryGetValues(name, out var values)
            || response.Headers.TryGetValues(name, out values)
            ? Uri.UnescapeDataString(string.Join(' ', values))
            : "";
        return (Header("grpc-status"), Header("grpc-message"));
    }

    private static IEnumerable<RecordBatch> Batches(byte[] answer)
    {
        for (var at = 0; at < answer.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(at + 1));
            if (Field(answer.AsMemory(at + 5, length), ArrowBatch) is { } batch && Field(batch, Data) is { } data)
            {
                using var reader = new ArrowStreamReader(data);
                while (reader.ReadNextRecordBatch() is { } rows)
                {
                    yield return rows;
                }
            }

            at += 5 + length;
        }
    }

    private static byte[] Message(params (int Field, byte[] Content)[] fields)
    {
        using var message = new MemoryStream();
        foreach (var (field, content) in fields)
        {
            message.WriteByte((byte)((field << 3) | 2));
            var length = (uint)content.Length;
            for (; length >= 0x80; length >>= 7)
            {
                message.WriteByte((byte)(length | 0x80));
            }

            message.WriteByte((byte)length);
            message.Write(content);
        }

        return message.ToArray();
    }

    /// <summary>The content of the first field of that number that has a length, or null.</summary>
    private static ReadOnlyMemory<byte>? Field(ReadOnlyMemory<byte> message, int wanted)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Number(message, ref at);
            switch (key & 7)
            {
                case 0:
                    Number(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 2:
                    var length = (int)Number(message, ref at);
                    if (key >> 3 == (ulong)wanted)
                    {
                        return message.Slice(at, length);
                    }

                    at += length;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"Not a message: wire type {key & 7}."));
            }
        }

        return null;
    }

    private static ulong Number(ReadOnlyMemory<byte> message, ref int at)
    {
        ulong number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message.Span[at++];
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }
    }
}
