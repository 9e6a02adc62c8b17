"""A small HTTP/1.1 server in a thread, for the stand-ins of services that have no emulator."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from stand_ins.stand_in import StandIn


class HttpStandIn(StandIn):
    """Calls `answer(method, path, headers, body) -> (status, headers, body)` for each request, on
    the thread of its connection. Subclasses say what to answer; an OSError from there closes the
    connection in place of an answer, and a Content-Length of their own is sent as it is."""

    def __init__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                if len(body) < length:  # the client went away: it sent no request
                    self.close_connection = True
                    return
                status, headers, answer = outer.answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # a client that goes away is no news

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True,
                                       kwargs={"poll_interval": 0.05})
        self.thread.start()

    def answer(self, method, path, headers, body):
        raise NotImplementedError

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
