using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Kadali.Kernel.CSharp;

/// <summary>
/// The compiled form of a cell, edited where Roslyn's scripts fall short. In a script each variable is an instance field of the submission,
/// and the next submission must hold a reference to every one before it, so that time and memory grow with the square of the notebook. Here
/// each cell is a script without predecessors; its variables are made public static fields, which later cells import with
/// <c>using static</c>. The IL needs no change: <c>ldfld</c>, <c>stfld</c> and <c>ldflda</c> may name a static field and then ignore the
/// object (ECMA-335 III.4.10, 4.11, 4.28). Types that the compiler made, such as anonymous ones, are made public, so that a later cell may
/// use their members.
/// </summary>
internal static class CellImage
{
    /// <summary>Opens the image for later cells, in place; <paramref name="scriptClass"/> is null for a library of types.</summary>
    public static void Open(byte[] image, string? scriptClass)
    {
        using var pe = new PEReader(new MemoryStream(image, writable: false));
        var reader = pe.GetMetadataReader();
        var metadata = pe.PEHeaders.MetadataStartOffset;
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var visible = type.Attributes.HasFlag(TypeAttributes.NestedPrivate)
                    || (type.Attributes & TypeAttributes.VisibilityMask) > TypeAttributes.Public
                ? TypeAttributes.NestedPublic
                : TypeAttributes.Public;
            var script = scriptClass is not null && type.GetDeclaringType().IsNil && reader.StringComparer.Equals(type.Name, scriptClass);
            var inScript = !type.GetDeclaringType().IsNil && !IsCompilerMade(reader.GetString(type.Name));
            if (script || visible == TypeAttributes.Public || inScript)
            {
                var row = metadata + RowOffset(reader, TableIndex.TypeDef, MetadataTokens.GetRowNumber(handle));
                Write32(image, row, (uint)((type.Attributes & ~TypeAttributes.VisibilityMask) | visible));
            }

            if (script)
            {
                OpenMembers(image, metadata, reader, type);
            }
        }
    }

    /// <summary>Hides members of the script class, or types, from later compilations; for images that only the compiler reads.</summary>
    public static void Hide(byte[] image, Func<string, bool> hidden)
    {
        using var pe = new PEReader(new MemoryStream(image, writable: false));
        var reader = pe.GetMetadataReader();
        var metadata = pe.PEHeaders.MetadataStartOffset;
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            var name = WithoutArity(reader.GetString(type.Name));
            if (hidden(name))
            {
                var closed = type.GetDeclaringType().IsNil ? TypeAttributes.NotPublic : TypeAttributes.NestedPrivate;
                Write32(
                    image,
                    metadata + RowOffset(reader, TableIndex.TypeDef, MetadataTokens.GetRowNumber(handle)),
                    (uint)((type.Attributes & ~TypeAttributes.VisibilityMask) | closed));
            }

            if (!type.GetDeclaringType().IsNil)
            {
                continue;
            }

            foreach (var field in type.GetFields())
            {
                var definition = reader.GetFieldDefinition(field);
                if (definition.Attributes.HasFlag(FieldAttributes.Static) && hidden(reader.GetString(definition.Name)))
                {
                    Write16(
                        image,
                        metadata + RowOffset(reader, TableIndex.Field, MetadataTokens.GetRowNumber(field)),
                        (ushort)((definition.Attributes & ~FieldAttributes.FieldAccessMask) | FieldAttributes.Private));
                }
            }
        }
    }

    public static string WithoutArity(string name) => name.IndexOf('`') is >= 0 and var tick ? name[..tick] : name;

    private static void OpenMembers(byte[] image, int metadata, MetadataReader reader, TypeDefinition script)
    {
        foreach (var handle in script.GetFields())
        {
            var field = reader.GetFieldDefinition(handle);
            if (IsCompilerMade(reader.GetString(field.Name)))
            {
                continue;
            }

            // readonly would forbid later cells to assign, and a static one the initialiser too.
            var flags = (field.Attributes & ~(FieldAttributes.FieldAccessMask | FieldAttributes.InitOnly))
                | FieldAttributes.Public | FieldAttributes.Static;
            Write16(image, metadata + RowOffset(reader, TableIndex.Field, MetadataTokens.GetRowNumber(handle)), (ushort)flags);
        }

        foreach (var handle in script.GetMethods())
        {
            var method = reader.GetMethodDefinition(handle);
            var flags = (method.Attributes & ~MethodAttributes.MemberAccessMask) | MethodAttributes.Public;
            Write16(image, metadata + RowOffset(reader, TableIndex.MethodDef, MetadataTokens.GetRowNumber(handle)) + 6, (ushort)flags);
        }
    }

    // Flags are the first column of TypeDef and Field, and follow RVA (4) and ImplFlags (2) in MethodDef (ECMA-335 II.22).
    private static int RowOffset(MetadataReader reader, TableIndex table, int row) =>
        reader.GetTableMetadataOffset(table) + (reader.GetTableRowSize(table) * (row - 1));

    private static bool IsCompilerMade(string name) => name.Contains('<', StringComparison.Ordinal);

    private static void Write32(byte[] image, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset), value);

    private static void Write16(byte[] image, int offset, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(offset), value);
}
