using System.Collections.Concurrent;

namespace Kadali.Formatting;

/// <summary>
/// The forms that cells and libraries registered. Of those that fit a value the one of the most specific type comes first, of equals the
/// latest; what a type says of itself comes after what was registered for it.
/// </summary>
internal sealed class RegisteredForms
{
    private readonly Lock _lock = new();
    private readonly List<ITypeFormatter> _registered = [];
    private readonly List<(Type Type, string[] MimeTypes)> _preferred = [];
    private readonly ConcurrentDictionary<Type, Known> _known = new();

    /// <summary>
    /// What is known about values of a type: their forms, the first to try first, and the MIME types that were asked for.
    /// </summary>
    public sealed record Known(ITypeFormatter[] Forms, string[] Preferred);

    public void Add(ITypeFormatter form)
    {
        lock (_lock)
        {
            _registered.Add(form);
            _known.Clear();
        }
    }

    public void Prefer(Type type, string[] mimeTypes)
    {
        lock (_lock)
        {
            _preferred.Add((type, mimeTypes));
            _known.Clear();
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _registered.Clear();
            _preferred.Clear();
            _known.Clear();
        }
    }

    public Known For(Type type) => _known.TryGetValue(type, out var known) ? known : Find(type);

    private Known Find(Type type)
    {
        lock (_lock)
        {
            var sources = TypeFormatterSources.Of(type);
            if (_registered.Count + _preferred.Count + sources.Count == 0)
            {
                return _known[type] = new([], []);
            }

            var order = TypesOf(type).ToList();
            ITypeFormatter[] forms =
            [
                .. Enumerable.Reverse(_registered).Where(form => order.Contains(form.Type)).OrderBy(form => order.IndexOf(form.Type)),
                .. sources.SelectMany(source => source.Forms),
            ];
            var preferred = Enumerable.Reverse(_preferred).Where(pair => order.Contains(pair.Type))
                .OrderBy(pair => order.IndexOf(pair.Type)).Select(pair => pair.MimeTypes)
                .Concat(sources.Select(source => source.Preferred)).FirstOrDefault(mimeTypes => mimeTypes.Length > 0);
            return _known[type] = new(forms, preferred ?? []);
        }
    }

    /// <summary>The types that a value of a type is of, the most specific first.</summary>
    private static IEnumerable<Type> TypesOf(Type type)
    {
        List<Type> classes = [];
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            classes.Add(at);
        }

        var faces = type.GetInterfaces().OrderByDescending(face => face.GetInterfaces().Length);
        return classes.Concat(faces).SelectMany(one => one.IsGenericType ? [one, one.GetGenericTypeDefinition()] : (Type[])[one])
            .Append(typeof(object));
    }
}
