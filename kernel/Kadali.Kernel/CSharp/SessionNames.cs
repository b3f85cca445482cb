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
        string name, DeclaredKind kind, CellAssembly owner, string? import, FieldInfo? field = null, string? description = null)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out var before) && before.Owner != owner)
            {
                before.Owner.Hide(name);
            }

            _byName[name] = new(name, kind, owner, import, field, description, _order++);
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
/// <param name="Description">The signature of a function, for completion.</param>
internal sealed record Declared(
    string Name, DeclaredKind Kind, CellAssembly Owner, string? Import, FieldInfo? Field, string? Description, long Order);
