"""A stand-in for Google's metadata server: project, instance and access tokens."""
import json

from stand_ins.http_stand_in import HttpStandIn

DEFAULT = "/computeMetadata/v1/instance/service-accounts/default"


class MetadataServer(HttpStandIn):
    """Point programs at it with environment()."""

    def __init__(self, project="walpulse-local", token="stand-in-token"):
        self.project, self.token = project, token
        self.token_requests = 0
        self.scopes = []  # what a virtual machine's tokens have; elsewhere nobody says
        super().__init__()

    def environment(self):
        return {"GCE_METADATA_HOST": f"127.0.0.1:{self.port}"}

    def answer(self, method, path, headers, body):
        flavor = {"Metadata-Flavor": "Google", "Content-Type": "application/text"}
        if headers.get("Metadata-Flavor") != "Google":
            return 403, flavor, b"Missing required header 'Metadata-Flavor'"
        path = path.split("?", 1)[0]
        if path == DEFAULT + "/token":
            self.token_requests += 1
            token = {"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"}
            return 200, {**flavor, "Content-Type": "application/json"}, json.dumps(token).encode()
        texts = {
            "/": "computeMetadata/\n",
            "/computeMetadata/v1/project/project-id": self.project,
            "/computeMetadata/v1/instance/id": "4711",
            "/computeMetadata/v1/instance/region": "projects/1/regions/europe-west1",
            DEFAULT + "/email": "monitor@walpulse-local.iam.gserviceaccount.com",
        }
        if self.scopes:
            texts[DEFAULT + "/scopes"] = "\n".join(self.scopes) + "\n"
        if path not in texts:
            return 404, flavor, b"not found"
        return 200, flavor, texts[path].encode()
