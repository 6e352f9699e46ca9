"""Requests that cost much, as data: the document they are sent to, and how each is made.

All keep the gateway's default limits, or break them; none breaks the rules of HTTP.
"""

import bz2
import gzip
import json
import random
import zlib
from collections.abc import Callable
from typing import NamedTuple

import brotli

from gateway.validate.coding import zstd

DOCUMENT = r"""
openapi: 3.2.0
info: {title: Attacked, version: "1"}
servers: [{url: http://backend.example/v1}]
paths:
  /things:
    get: {responses: &any {'200': {description: any, content: {application/json: {}}}}}
  /things/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: '^(a+)+$'}}]
      responses: *any
  /search:
    get:
      parameters:
        - {name: tag, in: query, schema: {type: array, items: {type: string}}}
        - {name: filter, in: query, style: deepObject, schema: {type: object, additionalProperties: {type: string}}}
        - {name: word, in: query, schema: {type: string, pattern: '^(a|aa)+$'}}
        - {name: number, in: query, schema: {type: integer}}
        - {name: session, in: cookie, schema: {type: string}}
        - {name: X-List, in: header, schema: {type: array, items: {type: integer}}}
      responses: *any
  /json: {post: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: *any}}
  /any:
    post:
      requestBody: {content: {application/json: {schema: &most {type: [array, object, string, number]}}}}
      responses: *any
  /list:
    post:
      requestBody: {content: {application/json: {schema: {type: array, uniqueItems: true}}}}
      responses: *any
  /typed:
    post:
      requestBody: {content: {application/json: {schema: {type: array, items: {type: integer}}}}}
      responses: *any
  /closed:
    post:
      requestBody: {content: {application/json: {schema: {type: object, additionalProperties: false}}}}
      responses: *any
  /contains:
    post:
      requestBody:
        content:
          application/json: {schema: {type: array, contains: {type: object, required: [x]}, minContains: 2}}
      responses: *any
  /tree:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Tree'}}}}
      responses: *any
  /pattern:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                nested: {type: string, pattern: '^(a+)+$'}
                either: {type: string, pattern: '^(a|a?)+$'}
                dots: {type: string, pattern: '^(.*a){25}$'}
                ahead: {type: string, pattern: '^(?=(a+)+b)a*$'}
                back: {type: string, pattern: '^(a*)*\1$'}
                counted: {type: string, pattern: '^(a{1,50}){1,50}$'}
                blank: {type: string, pattern: '\s+$'}
              patternProperties: {'^(x+x+)+y$': {type: integer}}
      responses: *any
  /number:
    post:
      requestBody:
        content: {application/json: {schema: {type: array, items: {type: number, multipleOf: 0.01}}}}
      responses: *any
  /form:
    post:
      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object}}}}
      responses: *any
  /parts: {post: {requestBody: {content: {multipart/form-data: {schema: {type: object}}}}, responses: *any}}
  /file:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, properties: {file: {contentMediaType: application/octet-stream}}}
      responses: *any
  /xml:
    post:
      requestBody: {content: {application/xml: {schema: {$ref: '#/components/schemas/Node'}}}}
      responses: *any
  /yaml: {post: {requestBody: {content: {application/yaml: {schema: *most}}}, responses: *any}}
  /csv:
    post:
      requestBody:
        content:
          text/csv:
            schema: {type: array, items: {type: object, properties: {a: {type: string}, b: {type: integer}}}}
      responses: *any
  /cbor: {post: {requestBody: {content: {application/cbor: {schema: *most}}}, responses: *any}}
  /msgpack: {post: {requestBody: {content: {application/msgpack: {schema: *most}}}, responses: *any}}
  /lines:
    post:
      requestBody: {content: {application/jsonl: {itemSchema: {type: object}}}}
      responses: *any
components:
  schemas:
    Tree:
      anyOf:
        - {type: object, properties: {left: &tree {$ref: '#/components/schemas/Tree'}, right: *tree}, required: [left]}
        - {type: object, properties: {left: *tree, other: *tree}, required: [other]}
        - {type: integer}
    Node:
      type: object
      properties: {name: {type: string}, child: {type: array, items: {$ref: '#/components/schemas/Node'}}}
"""

FULL = 1_000_000  # bytes: just below the default limit of a body
BOUNDARY = b"xxxxxxxxxx"


Made = Callable[[], tuple[bytes, bytes, bytes]]  # target, header lines, body


class Attack(NamedTuple):
    """`statuses` are the answers that are right."""

    make: Made
    statuses: frozenset[int]


def body(path: bytes, kind: bytes, content: Callable[[], bytes], more: bytes = b"") -> Made:
    """A POST with a body."""
    return lambda: (b"POST /v1/" + path, b"Content-Type: " + kind + b"\r\n" + more, content())


def target(rest: Callable[[], bytes], lines: Callable[[], bytes] = lambda: b"") -> Made:
    """A GET with a long target or header fields."""
    return lambda: (b"GET /v1/" + rest(), lines(), b"")


def _json(path: bytes, content: Callable[[], bytes]) -> Made:
    return body(path, b"application/json", content)


def _coded(coding: bytes, pack: Callable[[bytes], bytes], size: int = 200_000_000) -> Made:
    return body(
        b"json",
        b"application/json",
        lambda: pack(b'{"a":"' + b"x" * size + b'"}'),
        b"Content-Encoding: " + coding + b"\r\n",
    )


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9)


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(data) + packer.flush()


def _brotli(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=5))


def _pattern(name: str, value: str) -> Made:
    return _json(b"pattern", lambda: json.dumps({name: value}).encode())


def _colliding(count: int) -> list[int]:
    """Integers with one hash in CPython: multiples of 2^61 - 1."""
    return [number * (2**61 - 1) for number in range(1, count)]


def _parts(count: int, each: bytes = b"a") -> bytes:
    part = b'--%b\r\nContent-Disposition: form-data; name="p%d"\r\n\r\n%b\r\n'
    return b"".join(part % (BOUNDARY, number, each) for number in range(count)) + b"--" + BOUNDARY + b"--\r\n"


def _multipart(path: bytes, content: Callable[[], bytes]) -> Made:
    return body(path, b"multipart/form-data; boundary=" + BOUNDARY, content)


def _laughs(depth: int, opening: str, entity: str, use: str, closing: str) -> bytes:
    lines = [opening, entity % (0, "lol")]
    lines += [entity % (level, use % (level - 1) * 10) for level in range(1, depth)]
    return ("".join(lines) + closing).encode()


def _aliases(depth: int) -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, depth)]
    return "\n".join(lines).encode()


def _tree(depth: int) -> bytes:
    return b'{"left":' * depth + b'"x"' + b"}" * depth


def _unlike() -> bytes:
    chance = random.Random(1)
    return json.dumps([{"a": chance.random(), "b": [chance.random()]} for _ in range(15_000)]).encode()


REFUSED = frozenset([400])
LARGE = frozenset([400, 413])
HEAD = frozenset([400, 414, 431])
EITHER = frozenset([200, 400])
XML, YAML, CSV = b"application/xml", b"application/yaml", b"text/csv"
CBOR, PACK, FORM, LINES = (
    b"application/cbor",
    b"application/msgpack",
    b"application/x-www-form-urlencoded",
    b"application/jsonl",
)

ATTACKS: dict[str, Attack] = {
    # JSON
    "100,000 open arrays": Attack(_json(b"any", lambda: b"[" * 100_000), REFUSED),
    "100,000 levels of arrays": Attack(_json(b"any", lambda: b"[" * 100_000 + b"]" * 100_000), REFUSED),
    "100,000 levels of objects": Attack(_json(b"any", lambda: b'{"a":' * 100_000 + b"1" + b"}" * 100_000), REFUSED),
    "1,000 levels through a schema that branches": Attack(_json(b"tree", lambda: _tree(1000)), REFUSED),
    "60 levels through a schema that branches": Attack(_json(b"tree", lambda: _tree(60)), REFUSED),
    "330,000 empty arrays": Attack(_json(b"any", lambda: b"[" + b"[]," * 330_000 + b"1]"), EITHER),
    "keys that collide as numbers": Attack(
        _json(b"json", lambda: json.dumps({str(key): 0 for key in _colliding(30_000)}).encode()), EITHER
    ),
    "numbers that collide, all to be unlike": Attack(
        _json(b"list", lambda: json.dumps(_colliding(40_000)).encode()), EITHER
    ),
    "15,000 objects, all to be unlike": Attack(_json(b"list", _unlike), EITHER),
    "70,000 members to be refused one by one": Attack(
        _json(b"closed", lambda: json.dumps({str(key): 0 for key in range(70_000)}).encode()), REFUSED
    ),
    "330,000 items of the wrong type": Attack(_json(b"typed", lambda: b"[" + b'"",' * 330_000 + b"1]"), REFUSED),
    "items that contain nothing": Attack(_json(b"contains", lambda: b"[" + b"{}," * 330_000 + b"{}]"), REFUSED),
    "a member repeated 100,000 times": Attack(_json(b"json", lambda: b"{" + b'"a":0,' * 100_000 + b'"a":0}'), REFUSED),
    "a megabyte of blanks": Attack(_json(b"json", lambda: b" " * FULL + b"{}"), EITHER),
    "a megabyte of escapes": Attack(_json(b"json", lambda: b'{"a":"' + b"\\u0041" * 160_000 + b'"}'), EITHER),
    "a megabyte of escaped colons": Attack(_json(b"json", lambda: b'{"a":"' + b"\\u003a" * 160_000 + b'"}'), EITHER),
    "half a string": Attack(_json(b"json", lambda: b'{"a":"' + b"\\" * (FULL - 1)), REFUSED),
    "1e999999": Attack(_json(b"number", lambda: b"[1e999999]"), REFUSED),
    "a number of 100,000 digits": Attack(_json(b"number", lambda: b"[" + b"9" * 100_000 + b"]"), EITHER),
    "a number of a million digits": Attack(_json(b"any", lambda: b"9" * FULL), EITHER),
    "many long numbers": Attack(_json(b"number", lambda: b"[" + b"123456789012345678901," * 45_000 + b"1]"), EITHER),
    "a fraction of a million digits": Attack(_json(b"number", lambda: b"[0." + b"1" * FULL + b"]"), EITHER),
    "1e-999999": Attack(_json(b"number", lambda: b"[1e-999999]"), EITHER),
    # patterns
    "pattern: nested repeats": Attack(_pattern("nested", "a" * 50_000 + "!"), REFUSED),
    "pattern: alternatives alike": Attack(_pattern("either", "a" * 50_000 + "!"), REFUSED),
    "pattern: dots": Attack(_pattern("dots", "a" * 24 + "b" * 20_000), REFUSED),
    "pattern: look ahead": Attack(_pattern("ahead", "a" * 5_000 + "!"), REFUSED),
    "pattern: reference back": Attack(_pattern("back", "a" * 5_000 + "!"), REFUSED),
    "pattern: counted": Attack(_pattern("counted", "a" * 5_000 + "!"), REFUSED),
    "pattern: blanks": Attack(_pattern("blank", " " * 100_000 + "!"), REFUSED),
    "pattern: names of members": Attack(
        _json(b"pattern", lambda: json.dumps({"x" * 2_000 + str(n): 0 for n in range(400)}).encode()), EITHER
    ),
    "pattern: in the path": Attack(target(lambda: b"things/" + b"a" * 7_000 + b"!"), REFUSED),
    "pattern: in the query": Attack(target(lambda: b"search?word=" + b"a" * 7_000 + b"!"), REFUSED),
    # content codings
    "bomb: gzip": Attack(_coded(b"gzip", _gzip), LARGE),
    "bomb: zlib": Attack(_coded(b"deflate", lambda data: zlib.compress(data, 9)), LARGE),
    "bomb: raw deflate": Attack(_coded(b"deflate", _raw_deflate), LARGE),
    "bomb: brotli": Attack(_coded(b"br", _brotli), LARGE),
    "bomb: zstd": Attack(_coded(b"zstd", zstd.compress), LARGE),
    "bomb: gzip in gzip": Attack(_coded(b"gzip, gzip", lambda data: _gzip(_gzip(data))), LARGE),
    "bomb: four codings": Attack(
        _coded(b"gzip, br, zstd, gzip", lambda data: _gzip(zstd.compress(_brotli(_gzip(data))))), LARGE
    ),
    "bomb: many codings": Attack(_coded(b", ".join([b"gzip"] * 500), lambda data: data, 10), frozenset([415])),
    "bomb: members of gzip": Attack(
        body(b"json", b"application/json", lambda: gzip.compress(b"") * 40_000, b"Content-Encoding: gzip\r\n"), LARGE
    ),
    "bomb: lines": Attack(
        body(b"lines", LINES, lambda: _gzip(b'{"a":1}\n' * 3_000_000), b"Content-Encoding: gzip\r\n"), LARGE
    ),
    "bomb: unknown coding": Attack(
        body(b"json", b"application/json", lambda: bz2.compress(b"{}"), b"Content-Encoding: bzip2\r\n"),
        frozenset([415]),
    ),
    # forms and parts
    "form of 100,000 fields": Attack(
        body(b"form", FORM, lambda: b"&".join(b"%d=" % n for n in range(100_000))), REFUSED
    ),
    "form of 9,999 fields": Attack(body(b"form", FORM, lambda: b"&".join(b"f%d=x" % n for n in range(9_999))), EITHER),
    "form with one name": Attack(body(b"form", FORM, lambda: b"&".join([b"a=1"] * 9_999)), EITHER),
    "form of escapes": Attack(body(b"form", FORM, lambda: b"a=" + b"%41" * 330_000), EITHER),
    "form of ampersands": Attack(body(b"form", FORM, lambda: b"&" * FULL), EITHER),
    "10,000 parts": Attack(_multipart(b"parts", lambda: _parts(10_000)), REFUSED),
    "10,000 parts beside a file": Attack(_multipart(b"file", lambda: _parts(10_000)), EITHER),
    "a part of 10,000 fields": Attack(
        _multipart(
            b"parts", lambda: b"--" + BOUNDARY + b"\r\n" + b"X: a\r\n" * 10_000 + b"\r\na\r\n--" + BOUNDARY + b"--"
        ),
        REFUSED,
    ),
    "a megabyte of almost boundaries": Attack(
        _multipart(b"parts", lambda: b"--" + BOUNDARY + b"\r\n\r\n" + (b"\r\n--" + BOUNDARY[:-1]) * 75_000), REFUSED
    ),
    "parts without an end": Attack(_multipart(b"parts", lambda: b"--" + BOUNDARY + b"\r\n" + b"a" * FULL), REFUSED),
    # XML
    "XML: a billion laughs": Attack(
        body(b"xml", XML, lambda: _laughs(10, "<!DOCTYPE a [", '<!ENTITY e%d "%s">', "&e%d;", "]><Node>&e9;</Node>")),
        REFUSED,
    ),
    "XML: quadratic": Attack(
        body(
            b"xml",
            XML,
            lambda: b'<!DOCTYPE a [<!ENTITY e "' + b"x" * 50_000 + b'">]><Node>' + b"&e;" * 50_000 + b"</Node>",
        ),
        REFUSED,
    ),
    "XML: external entity": Attack(
        body(b"xml", XML, lambda: b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><Node>&e;</Node>'), REFUSED
    ),
    "XML: deep": Attack(body(b"xml", XML, lambda: b"<child>" * 70_000 + b"</child>" * 60_000), REFUSED),
    "XML: attributes": Attack(
        body(b"xml", XML, lambda: b"<Node " + b" ".join(b'a%d=""' % n for n in range(80_000)) + b"/>"), REFUSED
    ),
    "XML: elements": Attack(body(b"xml", XML, lambda: b"<Node>" + b"<child/>" * 120_000 + b"</Node>"), EITHER),
    "XML: names": Attack(
        body(b"xml", XML, lambda: b"<Node>" + b"".join(b"<a%d/>" % n for n in range(90_000)) + b"</Node>"), EITHER
    ),
    "XML: namespaces": Attack(
        body(b"xml", XML, lambda: b"<Node " + b" ".join(b'xmlns:a%d="b%d"' % (n, n) for n in range(40_000)) + b"/>"),
        EITHER,
    ),
    "XML: a comment": Attack(body(b"xml", XML, lambda: b"<Node><!--" + b"a" * FULL + b"--></Node>"), EITHER),
    "XML: half a tag": Attack(body(b"xml", XML, lambda: b"<Node " + b"a" * FULL), REFUSED),
    # YAML
    "YAML: aliases": Attack(body(b"yaml", YAML, lambda: _aliases(10)), REFUSED),
    "YAML: deep": Attack(body(b"yaml", YAML, lambda: b"[" * 100_000), REFUSED),
    "YAML: deep by indentation": Attack(body(b"yaml", YAML, lambda: b"- " * 50_000 + b"a"), REFUSED),
    "YAML: items": Attack(body(b"yaml", YAML, lambda: b"[" + b"a," * 300_000 + b"a]"), EITHER),
    "YAML: tags": Attack(body(b"yaml", YAML, lambda: b"!!python/object/apply:os.system [id]"), REFUSED),
    "YAML: merge keys": Attack(
        body(b"yaml", YAML, lambda: b"a: &a {b: 1}\n" + b"\n".join(b"c%d: {<<: *a}" % n for n in range(30_000))),
        REFUSED,
    ),
    # CSV
    "CSV: a huge field": Attack(body(b"csv", CSV, lambda: b'a,b\n"' + b"x" * FULL + b'",1\n'), EITHER),
    "CSV: an open quote": Attack(body(b"csv", CSV, lambda: b'a,b\n"' + b"x\n" * 450_000), REFUSED),
    "CSV: columns": Attack(body(b"csv", CSV, lambda: b",".join(b"c%d" % n for n in range(100_000)) + b"\n"), EITHER),
    "CSV: rows": Attack(body(b"csv", CSV, lambda: b"a,b\n" + b"x,1\n" * 240_000), EITHER),
    "CSV: wrong rows": Attack(body(b"csv", CSV, lambda: b"a,b\n" + b"x,y\n" * 240_000), REFUSED),
    # CBOR and MessagePack: lengths that lie
    "CBOR: an array of 2^62": Attack(body(b"cbor", CBOR, lambda: b"\x9b\x40\0\0\0\0\0\0\0"), REFUSED),
    "CBOR: a map of 2^32": Attack(body(b"cbor", CBOR, lambda: b"\xba\xff\xff\xff\xff"), REFUSED),
    "CBOR: a text of 2^40": Attack(body(b"cbor", CBOR, lambda: b"\x7b\0\0\1\0\0\0\0\0a"), REFUSED),
    "CBOR: bytes of 2^31": Attack(body(b"cbor", CBOR, lambda: b"\x5a\x7f\xff\xff\xff"), REFUSED),
    "CBOR: deep": Attack(body(b"cbor", CBOR, lambda: b"\x81" * 100_000 + b"\0"), REFUSED),
    "CBOR: open arrays": Attack(body(b"cbor", CBOR, lambda: b"\x9f" * 100_000), REFUSED),
    "CBOR: tags": Attack(body(b"cbor", CBOR, lambda: b"\xc1" * 100_000 + b"\0"), REFUSED),
    "CBOR: a bignum": Attack(body(b"cbor", CBOR, lambda: b"\xc2\x5a\x00\x0f\x00\x00" + b"\xff" * 0xF0000), EITHER),
    "CBOR: a decimal fraction": Attack(
        body(b"cbor", CBOR, lambda: b"\xc4\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x01"), REFUSED
    ),
    "CBOR: shared references": Attack(body(b"cbor", CBOR, lambda: b"\xd8\x1c\x81\xd8\x1d\x00"), REFUSED),
    "MessagePack: an array of 2^32": Attack(body(b"msgpack", PACK, lambda: b"\xdd\xff\xff\xff\xff"), REFUSED),
    "MessagePack: a map of 2^32": Attack(body(b"msgpack", PACK, lambda: b"\xdf\xff\xff\xff\xff"), REFUSED),
    "MessagePack: a text of 2^32": Attack(body(b"msgpack", PACK, lambda: b"\xdb\xff\xff\xff\xffa"), REFUSED),
    "MessagePack: arrays of arrays that lie": Attack(body(b"msgpack", PACK, lambda: b"\xdc\xff\xff" * 100), REFUSED),
    "MessagePack: deep": Attack(body(b"msgpack", PACK, lambda: b"\x91" * 100_000 + b"\0"), REFUSED),
    "MessagePack: extensions": Attack(body(b"msgpack", PACK, lambda: b"\xc9\xff\xff\xff\xff\1"), REFUSED),
    # heads
    "query of 10,000 parameters": Attack(target(lambda: b"search?" + b"&".join([b"a=1"] * 10_000)), HEAD),
    "query of 2,600 parameters": Attack(target(lambda: b"search?" + b"&".join([b"a="] * 2_600)), EITHER),
    "query of one parameter 1,600 times": Attack(target(lambda: b"search?" + b"&".join([b"tag="] * 1_600)), EITHER),
    "query of deep objects": Attack(target(lambda: b"search?filter" + b"[a]" * 2_500 + b"=1"), REFUSED),
    "query of brackets": Attack(target(lambda: b"search?filter" + b"[" * 8_000 + b"=1"), REFUSED),
    "query of 600 members": Attack(
        target(lambda: b"search?" + b"&".join(b"filter[%x]=" % n for n in range(600))), EITHER
    ),
    "query number of 7,000 digits": Attack(target(lambda: b"search?number=" + b"9" * 7_000), EITHER),
    "query of escapes": Attack(target(lambda: b"search?tag=" + b"%41" * 2_600), EITHER),
    "10,000 cookies": Attack(
        target(lambda: b"search", lambda: b"Cookie: " + b"; ".join([b"a=1"] * 10_000) + b"\r\n"), HEAD
    ),
    "6,000 cookies": Attack(
        target(lambda: b"search", lambda: b"Cookie: " + b"; ".join([b"a="] * 6_000) + b"\r\n"), EITHER
    ),
    "a list of 15,000 numbers": Attack(
        target(lambda: b"search", lambda: b"X-List: " + b"1," * 15_000 + b"1\r\n"), EITHER
    ),
    "1,000 fields": Attack(target(lambda: b"things", lambda: b"X: a\r\n" * 1_000), HEAD),
    "99 fields of one name": Attack(target(lambda: b"things", lambda: b"X: a\r\n" * 97), frozenset([200])),
    "a field of 100 kB": Attack(target(lambda: b"things", lambda: b"X: " + b"a" * 100_000 + b"\r\n"), HEAD),
    "a path of 2,000 segments": Attack(target(lambda: b"a/" * 2_000), frozenset([404])),
    "a path of escapes": Attack(target(lambda: b"%61" * 2_600), frozenset([404])),
    "Accept of 30 kB": Attack(
        target(lambda: b"things", lambda: b"Accept-Encoding: " + b"a;q=0.1, " * 3_500 + b"\r\n"), EITHER
    ),
    "Connection names 15,000": Attack(
        target(lambda: b"things", lambda: b"Connection: " + b"a," * 15_000 + b"b\r\n"), EITHER
    ),
    "a type with 5,000 parameters": Attack(
        body(b"json", b"application/json" + b";a=b" * 5_000, lambda: b"{}"), frozenset([200, 400, 415])
    ),
    "a type of quotes": Attack(
        body(b"json", b'application/json; a="' + b'\\"' * 12_000, lambda: b"{}"), frozenset([200, 400, 415])
    ),
}
