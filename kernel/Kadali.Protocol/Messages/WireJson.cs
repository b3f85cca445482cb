using System.Text.Json.Serialization;

namespace Kadali.Protocol;

/// <summary>All JSON of the wire, made by the source generator: no reflection at start-up.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowOutOfOrderMetadataProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Header))]
[JsonSerializable(typeof(ParentHeader))]
[JsonSerializable(typeof(ConnectionFile))]
[JsonSerializable(typeof(ExecuteRequest))]
[JsonSerializable(typeof(ExecuteReply))]
[JsonSerializable(typeof(ExecuteInput))]
[JsonSerializable(typeof(ErrorContent))]
[JsonSerializable(typeof(ErrorReply))]
[JsonSerializable(typeof(OkReply))]
[JsonSerializable(typeof(StreamContent))]
[JsonSerializable(typeof(DisplayData))]
[JsonSerializable(typeof(ExecuteResult))]
[JsonSerializable(typeof(ClearOutput))]
[JsonSerializable(typeof(StatusContent))]
[JsonSerializable(typeof(IopubWelcome))]
[JsonSerializable(typeof(KernelInfoReply))]
[JsonSerializable(typeof(ConnectReply))]
[JsonSerializable(typeof(CompleteRequest))]
[JsonSerializable(typeof(CompleteReply))]
[JsonSerializable(typeof(InspectRequest))]
[JsonSerializable(typeof(InspectReply))]
[JsonSerializable(typeof(IsCompleteRequest))]
[JsonSerializable(typeof(IsCompleteReply))]
[JsonSerializable(typeof(HistoryRequest))]
[JsonSerializable(typeof(HistoryReply))]
[JsonSerializable(typeof(CommInfoRequest))]
[JsonSerializable(typeof(CommInfoReply))]
[JsonSerializable(typeof(CommOpen))]
[JsonSerializable(typeof(CommMessage))]
[JsonSerializable(typeof(CommClose))]
[JsonSerializable(typeof(ShutdownRequest))]
[JsonSerializable(typeof(ShutdownReply))]
[JsonSerializable(typeof(InputRequest))]
[JsonSerializable(typeof(InputReply))]
public sealed partial class WireJson : JsonSerializerContext;
