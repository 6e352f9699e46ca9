"""A test client that lets no answer pass which the service's document does not promise."""

import re
from typing import Any

from httpx import Response
from openapi_schema_validator import OAS30ReadValidator
from referencing import Registry
from referencing.jsonschema import DRAFT4
from starlette.testclient import TestClient

from backends.common.app import read
from backends.common.framing import App, Framing

ROOT = "urn:document"


class DocumentedClient(TestClient):
    """Talks to a service in process, below its base path, and judges each answer by `specs/NAME.yaml` (OpenAPI 3.0)."""

    def __init__(self, name: str, app: App) -> None:
        self.document = read(name)
        base = re.sub(r"^http://[^/]+", "", self.document["servers"][0]["url"])
        super().__init__(Framing(app), base_url=f"http://service{base}/", raise_server_exceptions=False)
        self.base = base
        resource = DRAFT4.create_resource(self.document)
        self.registry: Registry[Any] = Registry().with_resource(ROOT, resource)

    def request(self, method: str, url: Any, **options: Any) -> Response:
        """Send, judge, return."""
        answer: Response = super().request(method, url, **options)
        template = self.template(answer.request.url.path.removeprefix(self.base))
        if template is not None:
            key = "get" if method == "HEAD" else method.lower()
            self.judge(template, key, method == "HEAD", answer)
        return answer

    def template(self, path: str) -> str | None:
        """The path template of a path; None when there is none."""
        for template in self.document["paths"]:
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path):
                return str(template)
        return None

    def judge(self, template: str, method: str, bodiless: bool, answer: Response) -> None:
        """Status, required header fields, media type and body must be as promised."""
        operation = self.document["paths"][template][method]
        responses = operation["responses"]
        status = str(answer.status_code)
        assert status in responses or f"{status[0]}XX" in responses, f"{method} {template}: undocumented {status}"
        response = self.resolve(responses.get(status) or responses[f"{status[0]}XX"])
        for name, described in response.get("headers", {}).items():
            header = self.resolve(described)
            assert name in answer.headers or not header.get("required"), f"{method} {template}: no {name}"
        content = response.get("content", {})
        if not content:
            assert not answer.content
            return
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in content, f"{method} {template}: undocumented {media_type}"
        if not bodiless:
            validator = OAS30ReadValidator(self.absolute(content[media_type]["schema"]), registry=self.registry)
            validator.validate(answer.json())

    def resolve(self, item: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference, if it is one."""
        if "$ref" not in item:
            return item
        found: Any = self.document
        for part in item["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)

    def absolute(self, schema: Any) -> Any:
        """The schema with references that work outside of the document."""
        if isinstance(schema, dict):
            return {
                key: f"{ROOT}{value}" if key == "$ref" and value.startswith("#") else self.absolute(value)
                for key, value in schema.items()
            }
        return schema
