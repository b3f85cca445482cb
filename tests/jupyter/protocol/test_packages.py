"""#r "nuget:…" over the wire: what is shown, what an interrupt does, and that one failure leaves the kernel usable."""
import http.server
import io
import pathlib
import tempfile
import threading
import unittest
import zipfile

from kernel import Kernel

NUSPEC = """<?xml version="1.0"?><package><metadata>
<id>{id}</id><version>{version}</version><authors>test</authors><description>x</description>
</metadata></package>"""
CONFIG = """<configuration><packageSources><clear />{sources}</packageSources></configuration>"""


def package(id, version, files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(f"{id}.nuspec", NUSPEC.format(id=id, version=version))
        for path, text in files.items():
            archive.writestr(path, text)
    return data.getvalue()


def shown(messages):
    return [m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] in ("display_data", "update_display_data")]


class Hangs(http.server.BaseHTTPRequestHandler):
    asked = threading.Event()
    ended = threading.Event()

    def do_GET(self):
        self.asked.set()
        self.ended.wait(60)

    def log_message(self, *_):
        pass


class Packages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kadali-packages-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        feed = self.folder / "feed"
        feed.mkdir()
        script = "#!csharp\n\nvar greeting = \"hello from the package\";\n"
        (feed / "Greets.1.0.0.nupkg").write_bytes(package("Greets", "1.0.0", {"interactive-extensions/dotnet/extension.dib": script}))
        self.kernel = Kernel(env={"NUGET_PACKAGES": str(self.folder / "packages"), "NUGET_HTTP_CACHE_PATH": str(self.folder / "http")})
        self.addCleanup(self.kernel.close)
        self.configure(f'<add key="local" value="{feed}" />')

    def loaded(self):
        return pathlib.Path(f"/proc/{self.kernel.process.pid}/maps").read_text()

    def configure(self, sources):
        pathlib.Path(self.kernel.folder.name, "NuGet.Config").write_text(CONFIG.format(sources=sources))

    def test_a_package_is_added_and_says_so(self):
        run = self.kernel.run('#r "nuget:Greets"\ngreeting')

        self.assertEqual("hello from the package", run.result)
        self.assertEqual("Added Greets 1.0.0", shown(run.messages)[-1])
        again = self.kernel.run('#r "nuget:Greets"')
        self.assertEqual(("ok", []), (again.status, shown(again.messages)))

    def test_nothing_of_nuget_is_loaded_before_a_package_is_asked_for(self):
        self.kernel.run("1+1")
        before = self.loaded()
        self.kernel.run('#r "nuget:Greets"')

        self.assertNotIn("NuGet.", before)
        self.assertIn("NuGet.", self.loaded())

    def test_a_failure_names_what_was_asked_and_the_next_cell_runs(self):
        run = self.kernel.run('#r "nuget:Greetz,1.0"')

        self.assertEqual("KDL211", run.error["ename"])
        self.assertIn("'Greetz'", run.error["evalue"])
        self.assertIn("'local'", "".join(run.error["traceback"]))
        self.assertEqual("2", self.kernel.run("1+1").result)
        self.assertEqual("ok", self.kernel.run('#r "nuget:Greets,1.0.0"').status)

    def test_an_interrupt_ends_the_wait_for_a_source_that_hangs(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hangs)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.addCleanup(Hangs.ended.set)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/index.json"
        self.configure(f'<add key="slow" value="{address}" allowInsecureConnections="true" protocolVersion="3" />')
        asked = self.kernel.begin('#r "nuget:Anything"')
        self.assertTrue(Hangs.asked.wait(30))
        self.kernel.wait_for(asked, lambda _, m: any("waiting for 'slow' (127.0.0.1), asked for Anything" in text for text in shown([m])))

        self.kernel.interrupt()
        run = self.kernel.end(asked, timeout=5)

        self.assertEqual("Interrupted", run.error["ename"])
        self.assertEqual("2", self.kernel.run("1+1").result)

    def test_what_is_unpacked_completes(self):
        self.kernel.run('#r "nuget:Greets"')
        code = '#r "nuget:gre'

        reply = self.kernel.ask("complete_request", {"code": code, "cursor_pos": len(code)})

        self.assertEqual((["Greets"], len(code) - 3), (reply["matches"], reply["cursor_start"]))


if __name__ == "__main__":
    unittest.main()
