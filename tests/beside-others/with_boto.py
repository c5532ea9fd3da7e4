"""What boto does: told by lines on standard input, each answered by one line."""

import json
import sys
import time
import xml.sax

import boto
import boto.handler
from boto.fps.connection import FPSConnection

given = json.loads(sys.stdin.readline())
connection = FPSConnection(given["access_key"], given["secret_key"])
answer = given["answer"].encode()
# boto adds a CallerReference of its own, a random one, to a link that has its callerReference. What is beneath makes the same link as
# ours, and in less time.
cbui_url = FPSConnection.cbui_url.__closure__[0].cell_contents


def link():
    return cbui_url(connection, **given["link"])


def parsed():
    # As boto.connection's get_object reads an answer.
    response = FPSConnection.pay.response(connection)
    xml.sax.parseString(answer, boto.handler.XmlHandler(response, connection))
    return response


def signed():
    return connection._auth_handler.sign_string(given["text"])


def fields():
    response = parsed()
    result = response.PayResult
    return " ".join([result.TransactionId, result.TransactionStatus, response.ResponseMetadata.RequestId])


def version():
    return boto.Version + ", Python " + sys.version.split()[0]


work = {"link": link, "answer": parsed, "text": signed}
shown = {"link": link, "answer": fields, "text": signed, "version": version}
for line in sys.stdin:
    name, times = line.split()
    if times == "shown":
        print(shown[name](), flush=True)
        continue
    one = work[name]
    began = time.perf_counter_ns()
    for _ in range(int(times)):
        one()
    print(time.perf_counter_ns() - began, flush=True)
