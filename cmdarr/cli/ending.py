"""How a call ends that met an error: one sentence on stderr, one document on stdout for `--json`, an exit code."""

import sys
from contextlib import suppress

import click

from cmdarr.cli.output import print_json
from cmdarr.cli.state import CliState
from cmdarr.errors import CmdarrError, ConfigError, exit_code_for

INTERRUPTED = 130  # 128 + SIGINT, as shells report it


def error_as_json(error: BaseException, sentence: str) -> dict[str, object]:
    """Return what a `--json` document says about an error; `findings` only where there are any."""
    document: dict[str, object] = {"class": type(error).__name__, "message": sentence}
    if isinstance(error, ConfigError) and error.findings:
        from cmdarr.config.report import as_record

        document["findings"] = [as_record(finding) for finding in error.findings]
    return document


def report_error(error: BaseException, state: CliState) -> str:
    """Print an error on stderr: findings first, the sentence last, a traceback only for `--debug`; return the sentence.

    Secrets are masked.
    """
    if state.debug and not isinstance(error, click.ClickException | click.Abort | KeyboardInterrupt):
        import traceback

        print(state.redact("".join(traceback.format_exception(error))), file=sys.stderr)
    if isinstance(error, ConfigError) and error.findings:
        from cmdarr.config.report import format_text

        print(format_text(error.findings), file=sys.stderr)
    sentence = state.redact(_sentence(error))
    print(f"cmdarr: {sentence}", file=sys.stderr)
    return sentence


def end_with(error: BaseException, state: CliState, *, as_json: bool) -> int:
    """Report an error of a verb that printed nothing yet, and return the exit code."""
    sentence = report_error(error, state)
    if as_json:
        with suppress(OSError):  # stdout itself may be what failed
            print_json({"error": error_as_json(error, sentence)})
    return _exit_code(error)


def _exit_code(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return INTERRUPTED
    return error.exit_code if isinstance(error, click.ClickException) else exit_code_for(error)


def _sentence(error: BaseException) -> str:
    match error:
        case CmdarrError():
            return str(error)
        case KeyboardInterrupt() | click.Abort():
            return "stopped."
        case click.ClickException():
            return _usage_sentence(error)
        case OSError(filename=None):
            return f"the output cannot be written ({error.strerror or error})."
        case OSError():
            return f"{error.filename}: {error.strerror}: check that it exists, its permissions and the free space."
        case _:
            return (
                f"an unexpected {type(error).__name__} stopped this; "
                "run the same command with --debug in front and report what it prints."
            )


def _usage_sentence(error: click.ClickException) -> str:
    """Write a usage error as one sentence; click's own texts get their cure."""
    text = error.format_message().strip()
    context = error.ctx if isinstance(error, click.UsageError) else None
    if "`" in text or text.endswith("?") or context is None:
        return text
    return f"{text[:1].lower()}{text[1:].rstrip('.')}; see `{context.command_path} --help`."
