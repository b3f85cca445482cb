"""The .NET tool: packed, installed into an empty home, and a kernel started from the specification that it installs."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from kernel import ROOT, Kernel


class Tool(unittest.TestCase):
    def test_is_packed_installed_and_started_from_its_kernelspec(self):
        with tempfile.TemporaryDirectory(prefix="kadali-tool-") as folder:
            home = pathlib.Path(folder, "home")
            feed = pathlib.Path(folder, "feed")
            home.mkdir()
            # The restored packages are not fetched again; all else of the home is empty.
            packages = os.environ.get("NUGET_PACKAGES", str(pathlib.Path.home() / ".nuget" / "packages"))
            clean = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "JUPYTER_", "KADALI_"))}
            env = {**clean, "HOME": str(home), "NUGET_PACKAGES": packages, "DOTNET_CLI_HOME": str(home)}

            self.shell(env, "dotnet", "pack", ROOT / "kernel" / "Kadali.Host", "-c", "Release", "-o", feed,
                       "-nodeReuse:false", "-v", "quiet", "-p:UseArtifactsOutput=true", f"-p:ArtifactsPath={ROOT / '.kadali' / 'pack'}")
            self.shell(env, "dotnet", "tool", "install", "--global", "--source", feed, "Kadali")
            tool = home / ".dotnet" / "tools" / "kadali"
            self.shell(env, tool, "install")
            installed = home / ".local" / "share" / "jupyter" / "kernels" / "kadali"
            spec = json.loads((installed / "kernel.json").read_text())

            # Jupyter may run where nothing of .NET is on the PATH.
            with Kernel(spec["argv"], {"HOME": str(home), "PATH": "/nowhere", **spec.get("env", {})}) as kernel:
                self.assertEqual("2", kernel.run("1+1").result)
                self.assertEqual("ok", kernel.run("#!sql\nSELECT 42").status)
                pathlib.Path(kernel.folder.name, "here.csx").write_text("var here = 42;")
                self.assertEqual("42", kernel.run('#r "System.Xml.Linq"\n#load "here.csx"\nhere').result)
                self.assertEqual("KDL211", kernel.run('#i "nuget:."\n#r "nuget:No.Such.Package.Of.Kadali,1.0.0"').error["ename"])
            self.assertEqual("message", spec["interrupt_mode"])
            self.assertEqual(str(tool), spec["argv"][0])

            self.shell(env, tool, "uninstall")
            self.shell(env, "dotnet", "tool", "uninstall", "--global", "Kadali")
            self.assertFalse(installed.exists() or tool.exists())

    def shell(self, env, *words):
        done = subprocess.run([str(w) for w in words], env=env, cwd=env["HOME"], capture_output=True, text=True, timeout=600)
        self.assertEqual(0, done.returncode, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}")


if __name__ == "__main__":
    unittest.main()
