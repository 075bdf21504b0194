import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from kombu import Connection, Exchange, Queue

from outreach.celery import app


def party(verb, folder, name, count=0):
    """Start one process of queue_party.py."""
    script = Path(__file__).with_name("queue_party.py")
    environment = os.environ | {"PYTHONPATH": str(script.parents[2])}
    return subprocess.Popen([sys.executable, script, verb, folder, name, str(count)], env=environment)


@pytest.fixture
def connection(tmp_path):
    options = {
        "data_folder_in": str(tmp_path / "new" / "queue"),
        "data_folder_out": str(tmp_path / "new" / "queue"),
        "control_folder": str(tmp_path / "new" / "control"),
        "polling_interval": 0.01,
    }
    transport = "outreach.folder_transport:Transport"
    with Connection("folder://", transport=transport, transport_options=options) as connection:
        yield connection


def test_two_publishers_and_two_readers_pass_each_message_once(tmp_path):
    readers = [party("consume", tmp_path, f"reader{n}") for n in (1, 2)]
    publishers = [party("publish", tmp_path, f"publisher{n}", 500) for n in (1, 2)]
    assert [publisher.wait(timeout=120) for publisher in publishers] == [0, 0]
    (tmp_path / "stop").touch()
    assert [reader.wait(timeout=120) for reader in readers] == [0, 0]
    shares = [(tmp_path / f"reader{n}").read_text().split() for n in (1, 2)]
    assert sorted(shares[0] + shares[1]) == sorted(f"publisher{n}-{number}" for n in (1, 2) for number in range(500))
    assert all(shares), "both readers took part"
    assert list((tmp_path / "queue").iterdir()) == []


def test_a_half_written_message_is_not_taken(connection):
    channel = connection.default_channel
    channel._put("mail", {"body": 1})
    whole = next(channel.folder.iterdir())
    half = channel.folder / f"0{whole.name}.part"
    half.write_text('{"bo')
    assert channel._size("mail") == 1
    assert channel._get("mail") == {"body": 1}
    assert list(channel.folder.iterdir()) == [half]


def test_messages_come_in_the_order_of_their_publishing(connection):
    queue = connection.SimpleQueue("ordered")
    for number in range(20):
        queue.put(number)
    assert [queue.get(timeout=1).payload for _ in range(20)] == list(range(20))


def test_starting_at_once_loses_no_binding(connection):
    """Every worker binds its own queue to the exchange that carries remote control."""
    exchange = Exchange("control", type="fanout")

    def bind(number):
        with connection.clone() as own:
            Queue(f"worker{number}", exchange=exchange).bind(own.default_channel).declare()

    threads = [threading.Thread(target=bind, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(connection.default_channel.get_table("control")) == 8


def test_without_redis_a_task_lands_in_the_folder(settings, tmp_path):
    if settings.REDIS_URL:
        pytest.skip("this run has Redis")
    with app.connection_for_write() as connection:
        app.send_task("a.task", args=[7], connection=connection, queue="folder-test")
        channel = connection.default_channel
        assert channel.folder == Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])
        headers = channel._get("folder-test")["headers"]
        assert (headers["task"], json.loads(headers["argsrepr"])) == ("a.task", [7])


def test_each_queue_has_a_key_of_its_own():
    """Two queues with one key would both get every task."""
    queues = app.amqp.queues
    assert {name: queues[name].routing_key for name in ("default", "mail")} == {"default": "default", "mail": "mail"}
