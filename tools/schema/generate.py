#!/usr/bin/env python3
"""Writes schema/vim25.generated.ts and schema/types.generated.ts from the type tables that pyVmomi publishes on PyPI.

Usage: tools/schema/generate.sh (downloads the pinned pyvmomi wheel and runs this file on it)

The table holds all of vim25: the order, optionality and first version of every property, method parameter and
fault. The TypeScript types cover only what roots.json names, and what that reaches.
"""
import json
import pathlib
import sys

F_LINK, F_LINKABLE, F_OPTIONAL, F_SECRET = 1, 2, 4, 8
PRIMITIVES = {
    "string": "string", "int": "int", "long": "long", "short": "short", "byte": "byte", "double": "double",
    "float": "float", "boolean": "boolean", "anyType": "anyType", "void": "void",
    "vmodl.DateTime": "dateTime", "vmodl.Binary": "base64Binary", "vmodl.URI": "anyURI",
    "vmodl.TypeName": "string", "vmodl.PropertyPath": "string", "vmodl.MethodName": "string",
    "vmodl.ManagedObject": "&ManagedObject", "vmodl.DataObject": "anyType",
}
TS_PRIMITIVES = {
    "string": "string", "anyURI": "string", "dateTime": "string", "base64Binary": "string", "int": "number",
    "long": "number", "short": "number", "byte": "number", "double": "number", "float": "number",
    "boolean": "boolean", "anyType": "AnyValue", "void": "void",
}


def load(folder):
    """Runs the table files with stand-ins for VmomiSupport's functions, and returns what they declare."""
    tables = {"data": {}, "managed": {}, "enum": {}, "versions": {}, "parents": {}}
    tables["data"]["vmodl.MethodFault"] = (
        "vmodl.MethodFault", "MethodFault", "vmodl.DynamicData", "vmodl.version.version0",
        [("faultCause", "vmodl.MethodFault", "vmodl.version.version1", F_OPTIONAL),
         ("faultMessage", "vmodl.LocalizableMessage[]", "vmodl.version.version1", F_OPTIONAL)])
    tables["data"]["vmodl.RuntimeFault"] = (
        "vmodl.RuntimeFault", "RuntimeFault", "vmodl.MethodFault", "vmodl.version.version0", [])
    tables["data"]["vmodl.LocalizedMethodFault"] = (
        "vmodl.LocalizedMethodFault", "LocalizedMethodFault", "vmodl.DynamicData", "vmodl.version.version0",
        [("fault", "vmodl.MethodFault", "vmodl.version.version0", 0),
         ("localizedMessage", "string", "vmodl.version.version0", F_OPTIONAL)])
    def add_parent(version, parent):
        tables["parents"].setdefault(version, set()).add(parent)

    class Ignored:
        def Add(self, *_):
            pass

    names = {
        "F_LINK": F_LINK, "F_LINKABLE": F_LINKABLE, "F_OPTIONAL": F_OPTIONAL, "F_SECRET": F_SECRET,
        "CreateDataType": lambda *a: tables["data"].setdefault(a[0], a),
        "CreateManagedType": lambda *a: tables["managed"].setdefault(a[0], a),
        "CreateEnumType": lambda *a: tables["enum"].setdefault(a[0], a),
        "AddVersion": lambda *a: tables["versions"].setdefault(a[0], a),
        "AddVersionParent": add_parent,
        "AddBreakingChangesInfo": lambda *_: None,
        "newestVersions": Ignored(), "ltsVersions": Ignored(), "dottedVersions": Ignored(), "oldestVersions": Ignored(),
    }
    for file in ("_typeinfo_core.py", "_typeinfo_query.py", "_typeinfo_vim.py"):
        source = pathlib.Path(folder, "pyVmomi", file).read_text()
        lines = [l for l in source.splitlines() if not l.startswith("from .")]
        exec(compile("\n".join(lines), file, "exec"), dict(names))  # noqa: S102 - tables of literals
    return tables


class Schema:
    def __init__(self, tables):
        self.t = tables
        vim = [v for v, a in tables["versions"].items() if v.startswith("vim.version") and a[1] in ("vim25", "vim2")]
        vim.sort(key=lambda v: len(tables["parents"].get(v, ())))
        self.rank = {v: i for i, v in enumerate(vim)}
        self.version_names = [self.number(tables["versions"][v][2], i, vim) for i, v in enumerate(vim)]
        self.wsdl = {n: a[1] for kind in ("data", "managed", "enum") for n, a in tables[kind].items()}

    def number(self, text, index, vim):
        if text[:1].isdigit():
            return text
        return self.t["versions"][vim[index - 1]][2] + "+"  # an unnamed interim version

    def version(self, name):
        return self.rank.get(name, 0)

    def is_fault(self, name):
        while name in self.t["data"]:
            if name == "vmodl.MethodFault":
                return True
            name = self.t["data"][name][2]
        return False

    def type(self, name, owner=None):
        array = name.endswith("[]")
        base = name[:-2] if array else name
        if base in PRIMITIVES:
            out = PRIMITIVES[base]
        elif base in self.t["managed"]:
            out = "&" + self.wsdl[base]
        elif self.is_fault(base) and owner != "LocalizedMethodFault":
            out = "LocalizedMethodFault"  # how every fault-valued property travels; see pyVmomi's SoapAdapter
        else:
            out = self.wsdl[base]
        return out + ("[]" if array else "")

    def prop(self, p, owner, floor):
        version = self.version(p[2])
        kind = self.type(p[1], owner)
        if p[3] & F_LINK:  # another object of the same data, by its key
            kind = "string" + ("[]" if kind.endswith("[]") else "")
        return f"{p[0]}:{kind}{'?' if p[3] & F_OPTIONAL else ''}" + (f"@{version}" if version > floor else "")

    def lines(self):
        for a in sorted(self.t["enum"].values(), key=lambda a: a[1]):
            yield "E " + " ".join([a[1], str(self.version(a[2])), *a[3]])
        for a in sorted(self.t["data"].values(), key=lambda a: a[1]):
            name, floor = a[1], self.version(a[3])
            props = [] if name == "DynamicData" else [self.prop(p, name, floor) for p in a[4] or []]
            yield " ".join(["D", name, self.wsdl.get(a[2], "-"), str(floor), *props])
        for a in sorted(self.t["managed"].values(), key=lambda a: a[1]):
            name, floor = a[1], self.version(a[3])
            yield " ".join(["M", name, self.wsdl.get(a[2], "-"), str(floor), *[self.prop(p, name, floor) for p in a[4] or []]])
        for a in sorted(self.t["managed"].values(), key=lambda a: a[1]):
            for m in sorted(a[5] or [], key=lambda m: m[1]):
                floor = self.version(m[2])
                flags, result = m[4][0], self.type(m[4][1])
                yield " ".join(["F", m[1], a[1], str(floor), result + ("?" if flags & F_OPTIONAL else ""),
                                *[self.prop(p, m[1], floor) for p in m[3]]])


def typescript(lines, roots):
    enums, data, managed, methods = {}, {}, {}, {}
    for line in lines:
        kind, name, *rest = line.split(" ")
        if kind == "E":
            enums[name] = rest[1:]
        elif kind == "F":
            methods[name] = (rest[0], rest[2], rest[3:])
        else:
            (data if kind == "D" else managed)[name] = (rest[0], rest[2:])

    def parse(prop):
        name, rest = prop.split(":", 1)
        rest = rest.split("@")[0]
        return name, rest.rstrip("?"), rest.endswith("?")

    todo, seen = [], set()

    def want(type_name):
        base = type_name.removesuffix("[]")
        if base not in seen and (base in data or base in enums):
            seen.add(base)
            todo.append(base)

    def ts(type_name):
        if type_name.endswith("[]"):
            inner = ts(type_name[:-2])
            return f"readonly {inner}[]" if " " not in inner else f"readonly ({inner})[]"
        if type_name.startswith("&"):
            return "ManagedObjectReference"
        want(type_name)
        return TS_PRIMITIVES.get(type_name, type_name)

    def member(prop):
        name, type_name, optional = parse(prop)
        return f"{name}{'?' if optional else ''}: {ts(type_name)}{' | undefined' if optional else ''};"

    def managed_props(name):
        while name in managed:
            yield from managed[name][1]
            name = managed[name][0]

    out_methods, out_managed = [], []
    for name in sorted(set(roots["methods"])):
        owner, result, params = methods[name]
        optional = result.endswith("?")
        result_ts = ts(result.rstrip("?")) + (" | undefined" if optional or result.endswith("[]") else "")
        fields = " ".join(member(p) for p in params)
        out_methods.append(f"  {name}: {{ on: \"{owner}\"; params: {{ {fields} }}; result: {result_ts} }};")
    for name, wanted in sorted(roots["properties"].items()):
        known = {parse(p)[0]: p for p in managed_props(name)}
        fields = "\n".join("    " + member(known[w]) for w in wanted)
        out_managed.append(f"  {name}: {{\n{fields}\n  }};")
    for name in roots["dataObjects"]:
        if name in data:
            want(name)
        else:
            print(f"roots.json: {name} is not a data object", file=sys.stderr)
    out_types, done = [], {}
    while todo:
        name = todo.pop()
        if name in enums:
            done[name] = f"export type {name} = " + " | ".join(f'"{v}"' for v in enums[name]) + ";"
            continue
        base, props = data[name]
        if base != "DynamicData" and base in data:
            want(base)
        parent = base if base in data and base != "DynamicData" else "DataObject"
        body = "\n".join("  " + member(p) for p in props)
        done[name] = f"export interface {name} extends {parent} {{\n{body}\n}}" if body else f"export interface {name} extends {parent} {{}}"
    out_types = [done[n] for n in sorted(done)]
    names = [n for n in sorted(done) if n in data]
    return "\n".join([
        "/** Type and id of a managed object, as the host names it. */",
        "export interface ManagedObjectReference {\n  readonly type: string;\n  readonly value: string;\n}",
        "/** What every vim25 data object may carry: its concrete type, needed where the schema declares a base type. */",
        "export interface DataObject {\n  readonly $type?: string;\n}",
        "/** What an xsd:anyType may hold. */",
        "export type AnyValue = unknown;",
        *out_types,
        "/** Data objects by name. */",
        "export interface VimTypes {\n" + "\n".join(f"  {n}: {n};" for n in names) + "\n}",
        "/** Properties of managed objects by type, as far as this project reads them. */",
        "export interface VimProperties {\n" + "\n".join(out_managed) + "\n}",
        "/** Methods by name: what they are called on, their parameters in schema order, what they return. */",
        "export interface VimMethods {\n" + "\n".join(out_methods) + "\n}",
        "",
    ])


def main():
    folder, out, release = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    here = pathlib.Path(__file__).parent
    schema = Schema(load(folder))
    lines = list(schema.lines())
    notice = (f"// Generated by tools/schema/generate.py from pyvmomi {release}: do not edit.\n"
              "// Copyright (c) 2006-2026 Broadcom. All Rights Reserved. Apache License 2.0; see NOTICE.\n")
    table = "\n".join(lines)
    assert "`" not in table and "\\" not in table and "${" not in table
    (out / "vim25.generated.ts").write_text(
        notice + "/** API versions, oldest first; the numbers in the table are places in this list. */\n"
        + "export const API_VERSIONS: readonly string[] = " + json.dumps(schema.version_names) + ";\n"
        + "/** One line a type; schema/table.ts says how to read it. */\nexport const VIM25 = `" + table + "`;\n")
    (out / "types.generated.ts").write_text(notice + typescript(lines, json.loads((here / "roots.json").read_text())))


main()
