"""ClickHouse's engine (chdb) behind as much of its HTTP interface as we use.

Prints its port. Settings are set, parameters handed over and errors told by
code as the server does it; the user is "tester", the password "s3cret-pass".
"""
import gzip
import re
import tempfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

from chdb import session

OF_HTTP_ALONE = {"wait_end_of_query", "query"}
STATUSES = {516: 403, 60: 404, 81: 404, 115: 404, 27: 400, 62: 400}
engine = session.Session(tempfile.mkdtemp())


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        given = dict(parse_qsl(urlsplit(self.path).query, True))
        try:
            self.answer(200, self.run(given, body.decode()))
        except RuntimeError as error:
            found = re.search(r"Code: (\d+)", str(error))
            code = int(found[1]) if found else 1002
            text = str(error).encode()
            self.answer(STATUSES.get(code, 500), text, code)

    def run(self, given, body):
        asked = self.headers["x-clickhouse-user"], self.headers["x-clickhouse-key"]
        if asked != ("tester", "s3cret-pass"):
            raise RuntimeError("Code: 516. DB::Exception: Authentication failed")
        engine.query("USE `%s`" % self.headers.get("x-clickhouse-database", "default"))
        values, changed = {}, []
        for name, value in given.items():
            if name.startswith("param_"):
                values[name.removeprefix("param_")] = value
            elif name not in OF_HTTP_ALONE:
                engine.query("SET %s = %s" % (name, quoted(value)))
                changed.append(name)
        query = given.get("query", "")
        sql = query + "\n" + body if query else body
        try:
            return engine.query(sql, "TabSeparated", params=values).bytes()
        finally:
            # To the server they are settings of one request.
            for name in changed:
                engine.query("SET %s = DEFAULT" % name)

    def answer(self, status, body, code=None):
        self.send_response(status)
        if code is not None:
            self.send_header("X-ClickHouse-Exception-Code", str(code))
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
