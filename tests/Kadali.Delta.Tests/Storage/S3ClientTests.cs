using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Kadali.Delta.Tests.Storage;

/// <summary>What a real store does not do on demand: lose answers, be busy, take no heed of conditions.</summary>
public sealed class S3ClientTests : IDisposable
{
    private static readonly S3Location Commit = new("bucket", "t/_delta_log/00000000000000000000.json");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_signature_is_that_of_Amazons_example()
    {
        var headers = SignatureV4.Sign(
            new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null), "us-east-1",
            new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero), "GET", "/test.txt", [],
            new Dictionary<string, string> { ["host"] = "examplebucket.s3.amazonaws.com", ["range"] = "bytes=0-9" }, SignatureV4.Hash([]));

        Assert.EndsWith("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", headers["authorization"]);
    }

    [Fact]
    public void A_write_whose_answer_was_lost_is_ours_when_it_is_found_there()
    {
        using var store = new UnsteadyS3 { LosesFirstAnswerTo = Commit.Key };

        Assert.True(store.Client.TryPutNew(Commit, "mine"u8, default));
        Assert.Equal("mine", store.Objects[Commit.Key]);
        Assert.False(store.Client.TryPutNew(Commit, "other"u8, default));
    }

    [Fact]
    public void A_busy_store_is_asked_again()
    {
        using var store = new UnsteadyS3 { BusyTimes = 3 };

        Assert.True(store.Client.TryPutNew(Commit, "mine"u8, default));
    }

    [Fact]
    public void A_store_that_overwrites_what_it_should_not_is_refused_for_writing()
    {
        using var store = new UnsteadyS3 { IgnoresConditions = true };

        var refused = Assert.Throws<DeltaException>(() => store.Client.TryPutNew(Commit, "mine"u8, default));

        Assert.Equal(DeltaErrorKind.Unsupported, refused.Kind);
        Assert.Contains("If-None-Match", refused.Message);
        Assert.Empty(store.Objects);
    }

    [Fact]
    public void A_store_that_knows_no_conditions_is_refused_for_writing()
    {
        using var store = new UnsteadyS3 { LacksConditions = true };

        Assert.Equal(DeltaErrorKind.Unsupported,
            Assert.Throws<DeltaException>(() => store.Client.TryPutNew(Commit, "mine"u8, default)).Kind);
    }

    [Fact]
    public void No_store_at_all_is_a_failure_that_names_its_address()
    {
        var client = new S3Client(new(new("http://127.0.0.1:9"), "us-east-1", new("AK", "S3CRET", null)));

        var failed = Assert.Throws<DeltaException>(() => client.Get(Commit, null, default));

        Assert.Equal(DeltaErrorKind.Storage, failed.Kind);
        Assert.Contains("127.0.0.1:9", failed.Message);
        Assert.Contains("s3://bucket/t/_delta_log", failed.Message);
        Assert.DoesNotContain("S3CRET", failed.ToString());
    }

    [Fact]
    public void Keys_come_from_the_environment_or_else_from_the_profile()
    {
        File.WriteAllText(_folder["credentials"], """
            [default]
            aws_access_key_id = WRONG
            aws_secret_access_key = WRONG
            [work]
            # mine
            aws_access_key_id=FILEKEY
            aws_secret_access_key = file/secret=
            """);
        File.WriteAllText(_folder["config"], "[profile work]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:9000\n");
        var environment = new Dictionary<string, string>
        {
            ["AWS_SHARED_CREDENTIALS_FILE"] = _folder["credentials"], ["AWS_CONFIG_FILE"] = _folder["config"], ["AWS_PROFILE"] = "work",
        };

        var fromFile = S3Settings.Read(environment.GetValueOrDefault);
        environment["AWS_ACCESS_KEY_ID"] = "ENVKEY";
        environment["AWS_SECRET_ACCESS_KEY"] = "env-secret";
        environment["AWS_ENDPOINT_URL"] = "https://store.example";
        var fromEnvironment = S3Settings.Read(environment.GetValueOrDefault);

        Assert.Equal(("FILEKEY", "file/secret=", "eu-west-1"),
            (fromFile.Credentials.AccessKey, fromFile.Credentials.SecretKey, fromFile.Region));
        Assert.Equal(new Uri("http://127.0.0.1:9000"), fromFile.Endpoint);
        Assert.Equal(("ENVKEY", "https://store.example/"), (fromEnvironment.Credentials.AccessKey, fromEnvironment.Endpoint!.ToString()));
        Assert.DoesNotContain("secret", fromEnvironment.ToString());
        environment["AWS_PROFILE"] = "other";
        environment.Remove("AWS_ACCESS_KEY_ID");
        Assert.Contains("other", Assert.Throws<DeltaException>(() => S3Settings.Read(environment.GetValueOrDefault)).Hint);
    }

    [Fact]
    public void The_cache_lets_go_of_what_was_asked_for_longest_ago()
    {
        var fetched = new List<string>();
        var cache = new FileCache(_folder["cache"], 250);
        foreach (var name in new[] { "a", "b" })
        {
            File.SetLastAccessTimeUtc(Fetch(name), DateTime.UtcNow.AddHours(name == "a" ? -1 : -2));
        }

        Fetch("c");
        Fetch("a");
        Fetch("c");
        Fetch("b");

        Assert.Equal(["a", "b", "c", "b"], fetched);

        string Fetch(string name) => cache.Get(name, file =>
        {
            fetched.Add(name);
            File.WriteAllBytes(file, new byte[100]);
        });
    }

    [Theory]
    [InlineData("gs://bucket/x")]
    [InlineData("abfss://container@account/x")]
    public void A_store_of_another_kind_is_refused_by_name(string location) =>
        Assert.Contains(location[..location.IndexOf(':')], Assert.Throws<DeltaException>(() => TableStorage.Open(location)).Message);

    private sealed class UnsteadyS3 : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly string _address;
        private bool _lost;
        private int _busy;

        public UnsteadyS3()
        {
            for (var port = Random.Shared.Next(20000, 60000); ; port++)
            {
                _address = $"http://127.0.0.1:{port}/";
                _listener.Prefixes.Clear();
                _listener.Prefixes.Add(_address);
                try
                {
                    _listener.Start();
                    break;
                }
                catch (HttpListenerException)
                {
                    // Taken.
                }
            }

            new Thread(Serve) { IsBackground = true }.Start();
        }

        public string? LosesFirstAnswerTo { get; init; }

        public int BusyTimes { get; init; }

        public bool IgnoresConditions { get; init; }

        public bool LacksConditions { get; init; }

        public ConcurrentDictionary<string, string> Objects { get; } = [];

        internal S3Client Client => new(new(new(_address), "us-east-1", new("AK", "SECRETKEY", null)));

        public void Dispose() => _listener.Close();

        private void Serve()
        {
            try
            {
                while (true)
                {
                    Answer(_listener.GetContext());
                }
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Closed.
            }
        }

        private void Answer(HttpListenerContext context)
        {
            var key = Uri.UnescapeDataString(context.Request.RawUrl!["/bucket/".Length..]);
            using var reader = new StreamReader(context.Request.InputStream);
            var body = reader.ReadToEnd();
            if (_busy++ < BusyTimes)
            {
                context.Response.StatusCode = 503;
            }
            else if (context.Request.HttpMethod == "PUT")
            {
                var isConditional = context.Request.Headers["If-None-Match"] == "*";
                context.Response.StatusCode = isConditional && LacksConditions ? 501
                    : isConditional && !IgnoresConditions && Objects.ContainsKey(key) ? 412 : 200;
                if (context.Response.StatusCode == 200)
                {
                    Objects[key] = body;
                }

                if (key == LosesFirstAnswerTo && !_lost)
                {
                    _lost = true;
                    context.Response.Abort();
                    return;
                }
            }
            else if (context.Request.HttpMethod == "DELETE")
            {
                Objects.TryRemove(key, out _);
                context.Response.StatusCode = 204;
            }
            else if (Objects.TryGetValue(key, out var content))
            {
                context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(content));
            }
            else
            {
                context.Response.StatusCode = 404;
            }

            context.Response.Close();
        }
    }
}
