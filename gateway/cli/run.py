"""`gateway run`: serve."""

import click

from gateway.cli.common import DEFAULT_CONFIG, config_option, read_settings, settings_reader, upstream_option


@click.command()
@click.argument("file", required=False)
@upstream_option
@config_option
@click.option("--listen", metavar="HOST:PORT", help="Public address.")
@click.option("--admin", metavar="HOST:PORT|off", help="Address of health checks and metrics.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Number of worker processes.")
@click.option("--watch", is_flag=True, help="Compile again when a document or the settings change.")
@click.pass_context
def run(
    ctx: click.Context,
    file: str | None,
    upstream: str | None,
    config: str | None,
    listen: str | None,
    admin: str | None,
    workers: int | None,
    watch: bool,
) -> None:
    """Serve the documents: checked traffic in front of their backends.

    Flags win over the environment (GATEWAY_LISTEN, ...), that over the file. SIGHUP compiles anew, SIGTERM
    ends after the requests in flight.

    \b
    Examples:
      gateway run specs/dataservice.yaml --upstream http://127.0.0.1:8102
      gateway run --config gateway.yaml --workers 4 --watch
    """
    given = {"listen": listen, "admin": admin, "workers": workers, "watch": "true" if watch else None}
    flags = {name: str(value) for name, value in given.items() if value is not None}
    reader = settings_reader(file, upstream, config, flags)
    settings = read_settings(reader)
    from gateway.server.arbiter import serve  # the other commands do without the server

    ctx.exit(serve(settings, reader, None if file else config or DEFAULT_CONFIG))
