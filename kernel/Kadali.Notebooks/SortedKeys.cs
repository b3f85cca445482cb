using System.Text.Json.Nodes;

namespace Kadali.Notebooks;

/// <summary>nbformat writes keys in order: what is added to a notebook goes where Jupyter would write it, so that its next save is no
/// change.</summary>
public static class SortedKeys
{
    extension(JsonObject map)
    {
        /// <summary>Sets a key; a new one goes before the first that comes after it in the alphabet.</summary>
        public void Put(string key, JsonNode? value)
        {
            if (map.ContainsKey(key))
            {
                map[key] = value;
                return;
            }

            var index = 0;
            while (index < map.Count && string.CompareOrdinal(map.GetAt(index).Key, key) < 0)
            {
                index++;
            }

            map.Insert(index, key, value);
        }
    }
}
