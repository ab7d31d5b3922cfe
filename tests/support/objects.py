"""An object store that speaks S3 over HTTP (moto's server), which checks signatures; and a wire to it that breaks."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import boto3

from tests.support.server import free_port
from tests.support.waiting import wait_until

BUCKET, REGION = "kapok-files", "us-east-1"
_UNSIGNED = 3
"""Requests that need no signature: those that make whom the others are signed by."""
_ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


class ObjectStore:
    """``settings``: what a house needs to keep its files here."""

    def __init__(self, url: str) -> None:
        self.url = url
        unsigned = {"endpoint_url": url, "region_name": REGION, "aws_access_key_id": "x", "aws_secret_access_key": "x"}
        people = boto3.client("iam", **unsigned)
        people.create_user(UserName="kapok")
        people.put_user_policy(UserName="kapok", PolicyName="all", PolicyDocument=_ALL)
        key = people.create_access_key(UserName="kapok")["AccessKey"]
        self.key_id, self.secret = key["AccessKeyId"], key["SecretAccessKey"]
        self.client = boto3.client("s3", **{**unsigned, "aws_access_key_id": self.key_id,
                                            "aws_secret_access_key": self.secret})

    def settings(self, **more: Any) -> Mapping[str, Any]:
        return {"s3_bucket": BUCKET, "s3_endpoint": self.url, "s3_region": REGION, "s3_key_id": self.key_id,
                "s3_secret": self.secret, **more}

    def emptied(self) -> ObjectStore:
        if BUCKET not in {row["Name"] for row in self.client.list_buckets()["Buckets"]}:
            self.client.create_bucket(Bucket=BUCKET)
        for name in self.names():
            self.client.delete_object(Bucket=BUCKET, Key=name)
        return self

    def names(self) -> list[str]:
        return [row["Key"] for row in self.client.list_objects_v2(Bucket=BUCKET).get("Contents", ())]

    def unfinished(self) -> list[str]:
        return [row["Key"] for row in self.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ())]

    def content(self, name: str) -> bytes:
        return bytes(self.client.get_object(Bucket=BUCKET, Key=name)["Body"].read())

    def replace(self, name: str, content: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=name, Body=content)


@contextmanager
def serving() -> Iterator[ObjectStore]:
    """A process of its own, so that what it holds in memory is not counted as ours."""
    port = free_port()
    environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(_UNSIGNED)}
    server = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", str(port)], env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(partial(_listens, port), 60.0, "the object store")
        yield ObjectStore(f"http://127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


class Wire:
    """A TCP relay that is cut for good once ``most`` bytes have gone towards the store."""

    def __init__(self, target: str, most: int) -> None:
        host, port = target.removeprefix("http://").split(":")
        self._target = host, int(port)
        self._left = most
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._door.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                if self._left <= 0:
                    near.close()
                    continue
                far = socket.create_connection(self._target)
                threading.Thread(target=self._relay, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._relay, args=(far, near, False), daemon=True).start()

    def _relay(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                if counted:
                    self._left -= len(piece)
                    if self._left <= 0:
                        break
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
