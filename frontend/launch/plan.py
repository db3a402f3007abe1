"""The form's plan: the JSON schema of a spec, flattened into the few shapes that a form can draw.

A new field or a new kind appears in the form by itself, because the plan is made from the schema at each visit.
"""

from __future__ import annotations

from typing import Any

from foldscape.field_words import field_title, value_title

Node = dict[str, Any]
Schema = dict[str, Any]


def form_plan(schema: Schema, defaults: dict[str, Any] | None = None) -> Node:
    """Turn the JSON schema of a model into a tree of form nodes.

    Args:
        schema: What ``model_json_schema`` gives.
        defaults: The values of a fresh model; stand in for defaults that the schema cannot tell.

    Returns:
        A node of type ``group``. Other types: ``number``, ``flag``, ``choice``, ``text``, ``union`` (a kind and that
        kind's fields; ``inline`` where the kind's name may stand for it), ``list``, ``picks`` (any of a few words),
        ``optional`` and, for what is none of these, ``json``. A field is ``advanced`` where it is folded away, and
        ``matters`` says with which values of the fields beside it, as ``foldscape.model.in_forms`` marks them.
    """
    return _Planner(schema.get("$defs", {})).group("", schema, defaults or {})


class _Planner:
    """Follows references and keeps the definitions at hand."""

    def __init__(self, definitions: dict[str, Schema]) -> None:
        self.definitions = definitions

    def resolve(self, schema: Schema) -> Schema:
        """Follow ``$ref``; what stands beside it wins."""
        while "$ref" in schema:
            beside = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**self.definitions[schema["$ref"].rsplit("/", 1)[1]], **beside}
        return schema

    def node(self, key: str, schema: Schema, default: Any, kind: str = "") -> Node:
        """Give the node of one field, of a kind where it is the setting of one."""
        schema = self.resolve(schema)
        default = schema.get("default", default)
        common = {"key": key, "title": field_title(key, kind), "help": _help(schema), "default": default}
        common |= {mark: schema[mark] for mark in ("advanced", "matters") if mark in schema}
        branches = schema.get("anyOf") or []
        present = [branch for branch in branches if branch.get("type") != "null"]
        if len(present) == 1 and len(branches) == 2:
            return {**common, "type": "optional", "inner": self.node(key, present[0], None, kind)}
        if named := _numbered(present):
            return {**self.leaf(present[0]), **common, "named": named}
        if "oneOf" in schema:
            return self.union(common, schema, default)
        if kinds := next((branch for branch in present if "oneOf" in branch), None):  # or one of them by its name alone
            node = self.union(common, kinds, default)
            return {**node, "inline": True, "default": _spelt_out(node["options"], default)}
        if "const" in schema.get("properties", {}).get("kind", {}):
            return {**common, "type": "union", "tag": "kind", "options": [self.option("kind", schema, default)]}
        if schema.get("type") == "object" and "properties" in schema:
            return {**self.group(key, schema, default or {}), **common}
        return {**self.leaf(schema), **common}

    def union(self, common: Node, schema: Schema, default: Any) -> Node:
        """Give the node of a field that has one of several kinds."""
        options, tag = self.options(schema, default), schema["discriminator"]["propertyName"]
        return {**common, "type": "union", "tag": tag, "usual": _usual(options), "options": options}

    def options(self, schema: Schema, default: Any) -> list[Node]:
        """Give the kinds of a union with their own fields: the usual one first, then those that belong to a group."""
        tag = schema["discriminator"]["propertyName"]
        found = []
        for reference in schema["discriminator"]["mapping"].values():
            listed, node = self.resolve({"$ref": reference}), self.option(tag, {"$ref": reference}, default)
            found.append((not node["usual"], not listed.get("group"), node))
        return [node for *_, node in sorted(found, key=lambda each: each[:2])]

    def option(self, tag: str, schema: Schema, default: Any) -> Node:
        """Give one kind of a union with its own fields."""
        listed = self.resolve(schema)
        kind = listed["properties"][tag]["const"]
        own = default if isinstance(default, dict) and default.get(tag) == kind else {}
        node = self.group(kind, schema, own, tag)
        named = {"kind": kind, "title": listed.get("name") or node["title"], "under": _under(listed)}
        return {**node, **named, "usual": tag not in listed.get("required", [])}

    def group(self, key: str, schema: Schema, defaults: dict[str, Any], tag: str = "kind") -> Node:
        """Give the fields of an object; a constant that tells kinds apart is the union's own business."""
        schema = self.resolve(schema)
        fields = [
            self.node(name, field, defaults.get(name), kind=key)
            for name, field in schema["properties"].items()
            if not (name == tag and "const" in self.resolve(field)) and not field.get("readOnly")
        ]
        return {"type": "group", "key": key, "title": field_title(key), "help": _help(schema), "fields": fields}

    def leaf(self, schema: Schema) -> Node:
        """Give the node of a plain value or a list."""
        kind = schema.get("type")
        if "enum" in schema:
            return _choice(schema["enum"])
        if "const" in schema:
            return _choice([schema["const"]])
        if kind in ("number", "integer"):
            return {"type": "number", "integer": kind == "integer", **_limits(schema)}
        if kind == "boolean":
            return {"type": "flag"}
        if kind == "string":
            return {"type": "text"}
        if kind == "array" and ("items" in schema or "prefixItems" in schema):
            # A point is an array of so many numbers, all of one kind.
            item = self.node("", schema["items"] if "items" in schema else schema["prefixItems"][0], None)
            if item["type"] == "choice":
                return {**item, "type": "picks"}
            return {"type": "list", "item": item, "most": schema.get("maxItems"), "least": schema.get("minItems", 0)}
        return {"type": "json"}


def _numbered(branches: list[Schema]) -> list[str]:
    """Give the words that may stand instead of a number, where a value is a number or one of them."""
    number, *words = branches or [{}]
    isnt = number.get("type") not in ("number", "integer") or not words or not all("const" in each for each in words)
    return [] if isnt else [str(each["const"]) for each in words]


def _spelt_out(options: list[Node], default: Any) -> Any:
    """Give a kind that is named alone with its fields."""
    for option in options:
        if option["kind"] == default:
            return {"kind": default} | {field["key"]: field["default"] for field in option["fields"]}
    return default


def _usual(options: list[Node]) -> str | None:
    """Give the kind of a value that names none, where there is one."""
    usual = [option["kind"] for option in options if option["usual"]]
    return str(usual[0]) if len(usual) == 1 else None


def _under(schema: Schema) -> str:
    """Give the heading under which a kind is listed, if any: its group, or else its family."""
    return str(schema.get("group") or schema.get("family") or "")


def _choice(options: list[Any]) -> Node:
    return {"type": "choice", "options": options, "words": [value_title(option) for option in options]}


def _help(schema: Schema) -> str:
    """Give the first paragraph of a description, in one line."""
    return " ".join(str(schema.get("description", "")).split("\n\n", 1)[0].split()).replace("``", "")


def _limits(schema: Schema) -> Node:
    names = {"minimum": "min", "maximum": "max", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}
    return {short: schema[name] for name, short in names.items() if name in schema}
