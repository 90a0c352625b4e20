"""`/api/notifications`: whether notifications arrive."""

from cmdarr.app.notices import DeliveryShape, delivery_shape, try_urls
from cmdarr.web.api.endpoint import Call, Endpoint


def send_test_notification(call: Call) -> DeliveryShape:
    """Send a test to every URL of the settings in force."""
    return delivery_shape(try_urls(call.control.snapshot.settings))


ENDPOINTS = (
    Endpoint(
        method="POST", path="/api/notifications/test", tag="system", summary="Send a test notification",
        description="To every URL of `notifications.urls`, once each and at once.",
        run=send_test_notification, answer=DeliveryShape, errors=(404,), is_slow=True,
    ),
)  # fmt: skip
