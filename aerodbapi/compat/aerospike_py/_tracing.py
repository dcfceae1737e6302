"""OpenTelemetry spans for commands, when init_tracing was called and the library is there."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import Any

__all__ = ["init_tracing", "shutdown_tracing", "span"]

_tracer: Any = None
_provider: Any = None


def init_tracing() -> None:
    """Make spans from now on; OTEL_* variables are read by OpenTelemetry itself.

    An OTLP exporter is set up when its package is installed and the program has none of its own.
    Without `opentelemetry-api` nothing happens.
    """
    global _tracer, _provider
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return
    try:
        from opentelemetry import trace
    except ImportError:
        return
    if _provider is None and os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "otlp":
        _provider = _exporting(trace)
    _tracer = trace.get_tracer("aerospike-py")


def _exporting(trace: Any) -> Any:
    """Set up an exporter unless the program has done so; None when there is nothing to set up."""
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        return None
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return None
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


def shutdown_tracing() -> None:
    """Make no more spans; send those that wait."""
    global _tracer, _provider
    _tracer = None
    provider, _provider = _provider, None
    if provider is not None:
        provider.shutdown()


def span(name: str, namespace: str, set_name: str) -> AbstractContextManager[Any]:
    """A span for one command; nothing at all while tracing is off."""
    if _tracer is None:
        return nullcontext()
    operation = name.upper()
    made: AbstractContextManager[Any] = _tracer.start_as_current_span(
        f"{operation} {namespace}.{set_name}",
        attributes={
            "db.system.name": "aerospike",
            "db.namespace": namespace,
            "db.collection.name": set_name,
            "db.operation.name": operation,
        },
    )
    return made
