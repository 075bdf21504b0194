"""One process of test_folder_transport.py: `queue_party.py publish|consume FOLDER NAME COUNT`.

A publisher sends COUNT numbered messages to one queue in a burst; a consumer writes each body that it gets as a line
of FOLDER/NAME, and ends when FOLDER/stop exists and nothing is left.
"""

import sys
from pathlib import Path

from kombu import Connection, Consumer, Queue


def main(verb, folder, name, count):
    folder = Path(folder)
    options = {
        "data_folder_in": str(folder / "queue"),
        "data_folder_out": str(folder / "queue"),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.01,
    }
    queue = Queue("burst", routing_key="burst")
    transport = "outreach.folder_transport:Transport"
    with Connection("folder://", transport=transport, transport_options=options) as connection:
        if verb == "publish":
            producer = connection.Producer(serializer="json")
            for number in range(int(count)):
                body = {"id": f"{name}-{number}", "padding": "x" * 20_000}  # large enough to be written in pieces
                producer.publish(body, routing_key="burst", declare=[queue], exchange="")
            return
        with (
            open(folder / name, "w", buffering=1) as ledger,
            Consumer(
                connection,
                [queue],
                callbacks=[lambda body, message: (ledger.write(body["id"] + "\n"), message.ack())],
            ),
        ):
            while True:
                stopping = (folder / "stop").exists()
                try:
                    connection.drain_events(timeout=0.2)
                except TimeoutError:
                    if stopping:
                        return


if __name__ == "__main__":
    main(*sys.argv[1:])
