"""``mapper eval``: a JMESPath expression over a JSON document."""

from pathlib import Path

import click

from mapper import codes
from mapper.cli.findings import Style, reporting
from mapper.cli.options import file_argument, findings_options
from mapper.cli.streams import open_input, write_output
from mapper.diagnostics import Diagnostic, FileError, Source, Span, TransformError
from mapper.evaluate import EvaluationError, evaluate
from mapper.expr import Expr, ExpressionError, parse
from mapper.functions import FUNCTIONS
from mapper.payload import read_value


@click.command("eval")
@click.argument("expression")
@file_argument
@findings_options
def eval(expression: str, file: Path, style: Style, *, quiet: bool) -> None:  # noqa: A001 - its name
    """Evaluate a JMESPath expression over a JSON document.

    The document is FILE, or standard input. The result is written as JSON; what is not there gives
    null.
    """
    with reporting(style, quiet=quiet) as report:
        source = Source("<expression>", expression)
        tree = _parse(source)
        with open_input(file, report) as (stream, name):
            document = read_value(stream, name)
        try:
            result = evaluate(tree, document)
        except EvaluationError as error:
            span = Span(source, error.start, error.end)
            found = Diagnostic(codes.EXPRESSION_FAILED, error.message, span)
            raise TransformError([found]) from None
        write_output("object", [result])


def _parse(source: Source) -> Expr:
    try:
        return parse(source.text, FUNCTIONS)
    except ExpressionError as error:
        span = Span(source, error.start, error.end)
        rule = codes.expression_rule(error.kind)
        raise FileError([Diagnostic(rule, error.message, span)]) from None
