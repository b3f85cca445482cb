using System.Reflection;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// What later cells can name, and where it is. A compilation gets only the assemblies whose names stand in its text, so that the
/// thousandth cell compiles like the tenth.
/// </summary>
internal sealed class SessionNames
{
    private readonly Dictionary<string, Declared> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<CellAssembly>> _also = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _order;

    /// <summary>Declared variables, in the order of declaration.</summary>
    public IEnumerable<Declared> Variables => All.Where(declared => declared.Field is not null).OrderBy(declared => declared.Order);

    public IReadOnlyList<Declared> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _byName.Values];
            }
        }
    }

    public Declared? Find(string name)
    {
        lock (_lock)
        {
            return _byName.GetValueOrDefault(name);
        }
    }

    /// <summary>Declares a name; what had it before is no longer found.</summary>
    public void Declare(
        string name, DeclaredKind kind, CellAssembly owner, string? import, FieldInfo? field = null)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out var before) && before.Owner != owner)
            {
                before.Owner.Hide(name);
            }

            _byName[name] = new(name, kind, owner, import, field, _order++);
        }
    }

    /// <summary>
    /// Declares functions of one name. Those of earlier cells stay beside them as overloads, but for those with the same parameters.
    /// </summary>
    public void DeclareFunctions(string name, IReadOnlyList<Overload> functions)
    {
        lock (_lock)
        {
            var before = _byName.GetValueOrDefault(name);
            if (before is { Overloads.Count: 0 })
            {
                before.Owner.Hide(name);
            }

            _byName[name] = new(name, DeclaredKind.Function, functions[0].Owner, null, null, _order++)
            {
                Overloads = [.. functions, .. (before?.Overloads ?? []).Where(old => !functions.Any(old.HasParametersOf))],
            };
        }
    }

    /// <summary>Forgets names; gives them in the order of declaration.</summary>
    public IReadOnlyList<string> Forget(Func<Declared, bool> forgotten)
    {
        lock (_lock)
        {
            Declared[] all = [.. _byName.Values.Where(forgotten).OrderBy(declared => declared.Order)];
            foreach (var declared in all)
            {
                declared.Owner.Hide(declared.Name);
                _byName.Remove(declared.Name);
            }

            return [.. all.Select(declared => declared.Name)];
        }
    }

    /// <summary>
    /// The assembly is needed where this word stands, though the word is no name of its own: an extension method, a namespace.
    /// </summary>
    public void NeedFor(string word, CellAssembly owner)
    {
        lock (_lock)
        {
            if (!_also.TryGetValue(word, out var owners))
            {
                _also[word] = owners = [];
            }

            owners.Add(owner);
        }
    }

    /// <summary>The assemblies to reference and the classes to import for a text that holds these words.</summary>
    public (IReadOnlyCollection<CellAssembly> Assemblies, IReadOnlyCollection<string> Imports) For(IEnumerable<string> words)
    {
        var assemblies = new HashSet<CellAssembly>();
        var imports = new HashSet<string>();
        using var held = _lock.EnterScope();
        foreach (var word in words)
        {
            if (_byName.TryGetValue(word, out var declared))
            {
                Add(declared.Owner);
                if (declared.Import is { } import)
                {
                    imports.Add(import);
                }

                foreach (var overload in declared.Overloads)
                {
                    Add(overload.Owner);
                    imports.Add(overload.Import);
                }
            }

            if (_also.TryGetValue(word, out var owners))
            {
                foreach (var owner in owners)
                {
                    Add(owner);
                }
            }
        }

        return (assemblies, imports);

        void Add(CellAssembly assembly)
        {
            if (assemblies.Add(assembly))
            {
                foreach (var used in assembly.Uses)
                {
                    Add(used);
                }
            }
        }
    }
}

internal enum DeclaredKind
{
    Variable,
    Function,
    Type,
}

/// <param name="Import">The class to import with <c>using static</c>, or null where the name is found without.</param>
/// <param name="Field">Where a variable's value is.</param>
internal sealed record Declared(string Name, DeclaredKind Kind, CellAssembly Owner, string? Import, FieldInfo? Field, long Order)
{
    /// <summary>The functions of that name, the newest first.</summary>
    public IReadOnlyList<Overload> Overloads { get; init; } = [];

    /// <summary>The signatures of functions, for completion.</summary>
    public string? Description => Overloads.Count == 0 ? null : string.Join('\n', Overloads.Select(overload => overload.Signature));
}

/// <summary>One function of a name.</summary>
/// <param name="Import">The class to import with <c>using static</c>.</param>
/// <param name="Method">What is in that class; null for a property.</param>
internal sealed record Overload(CellAssembly Owner, string Import, string Signature, MethodInfo? Method)
{
    /// <summary>Whether a cell could not tell the two apart; a property stands beside nothing.</summary>
    public bool HasParametersOf(Overload other) => Method is null || other.Method is null
        || (Method.GetGenericArguments().Length == other.Method.GetGenericArguments().Length
            && Method.GetParameters().Select(parameter => Text(parameter.ParameterType))
                .SequenceEqual(other.Method.GetParameters().Select(parameter => Text(parameter.ParameterType))));

    // A type parameter is its place: that of one method is not that of another.
    private static string Text(Type type) =>
        type.IsGenericMethodParameter ? $"!{type.GenericParameterPosition}"
        : type.HasElementType ? Text(type.GetElementType()!) + type.Name[type.GetElementType()!.Name.Length..]
        : type.IsGenericType
            ? $"{type.GetGenericTypeDefinition().AssemblyQualifiedName}<{string.Join(',', type.GetGenericArguments().Select(Text))}>"
        : type.AssemblyQualifiedName!;
}
