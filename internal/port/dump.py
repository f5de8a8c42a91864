"""Writes CPython's syntax tree of a Python file as JSON, for package port.

    python3 dump.py FILE.py

Fields of different kinds that ast calls by one name get names of their own, so that
each name has one type.
"""

import ast
import io
import json
import sys
import threading
import tokenize

LISTS = {
    "body", "orelse", "finalbody", "handlers", "targets", "elts", "keys", "values", "decorator_list", "bases",
    "keywords", "comparators", "generators", "ifs", "items", "aliases", "posonly", "params", "kwonly", "defaults",
    "kw_defaults", "arguments",
}

RENAMED = {
    ("IfExp", "body"): "then", ("IfExp", "orelse"): "other", ("Lambda", "body"): "value",
    ("Call", "args"): "arguments", ("FunctionDef", "args"): "signature", ("AsyncFunctionDef", "args"): "signature",
    ("Lambda", "args"): "signature", ("arguments", "posonlyargs"): "posonly", ("arguments", "args"): "params",
    ("arguments", "kwonlyargs"): "kwonly", ("arguments", "vararg"): "rest", ("arguments", "kwarg"): "rest_keywords",
    ("Constant", "value"): "constant", ("Import", "names"): "aliases", ("ImportFrom", "names"): "aliases",
    ("Global", "names"): "words", ("Nonlocal", "names"): "words", ("Name", "id"): "name", ("Attribute", "attr"): "name",
    ("arg", "arg"): "name", ("keyword", "arg"): "name", ("ImportFrom", "module"): "name",
    ("ExceptHandler", "type"): "test", ("MatchSingleton", "value"): "constant",
}


def tree(node):
    out = {"kind": type(node).__name__}
    for name in ("lineno", "end_lineno", "col_offset", "end_col_offset"):
        if hasattr(node, name):
            out[name] = getattr(node, name)
    for name, value in ast.iter_fields(node):
        if name in ("ctx", "type_ignores", "type_comment", "type_params", "simple", "kind"):
            continue
        name = RENAMED.get((out["kind"], name), name)
        if name == "constant":
            out["constant"], out["type"] = constant(value), type(value).__name__
        elif name == "op":
            out["op"] = type(value).__name__
        elif name == "ops":
            out["ops"] = [type(o).__name__ for o in value]
        elif name in ("conversion", "level"):
            out[name] = value
        elif isinstance(value, ast.AST):
            out[name] = tree(value)
        elif isinstance(value, list) and name in LISTS:
            out[name] = [tree(v) if v is not None else None for v in value]
        elif value is not None and name in ("name", "words", "asname"):
            out[name] = value
    return out


class Annotations(ast.NodeTransformer):
    """Reads annotations that are texts: "Config" is Config."""

    def inside(self, node):
        if isinstance(node, ast.Subscript) and getattr(node.value, "id", getattr(node.value, "attr", "")) == "Literal":
            return node
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                setattr(node, name, self.inside(value))
            elif isinstance(value, list):
                setattr(node, name, [self.inside(v) if isinstance(v, ast.AST) else v for v in value])
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                read = ast.parse(node.value.strip(), mode="eval").body
            except SyntaxError:
                return node
            for below in ast.walk(read):
                ast.copy_location(below, node)
            return read
        return node

    def generic_visit(self, node):
        for name in ("annotation", "returns"):
            if isinstance(getattr(node, name, None), ast.AST):
                setattr(node, name, self.inside(getattr(node, name)))
        return super().generic_visit(node)


def constant(value):
    if isinstance(value, (bool, str)):
        return str(value)
    if value is None or value is Ellipsis:
        return ""
    return value.decode("latin-1") if isinstance(value, bytes) else repr(value)


def comments(source):
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and not (token.start == (1, 0) and token.string.startswith("#!")):
                before = token.line[: token.start[1]].strip()
                found.append({"line": token.start[0], "text": token.string.lstrip("#!").strip(), "trailing": bool(before)})
    except tokenize.TokenError:
        pass  # ast has read the file, so only comments at its end are lost
    return found


def main():
    try:
        with tokenize.open(sys.argv[1]) as file:
            source = file.read()
        answer = {"tree": tree(Annotations().visit(ast.parse(source))), "comments": comments(source)}
        text = json.dumps(answer)
    except SyntaxError as error:
        text = json.dumps({"error": f"{error.msg}", "line": error.lineno or 0})
    except (UnicodeDecodeError, ValueError) as error:
        text = json.dumps({"error": f"not a Python source: {error}"})
    except (RecursionError, MemoryError):
        text = json.dumps({"error": "it is nested too deeply"})
    sys.stdout.write(text)


sys.setrecursionlimit(8000)  # a chain of elif takes two calls for each
threading.stack_size(256 << 20)
thread = threading.Thread(target=main)
thread.start()
thread.join()
