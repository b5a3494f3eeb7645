"""Google's own Python client against the simulated Google Workspace.

Usage: google_client.py KEY_FILE ROOT. Ends with 0 when the client has no complaint and everything
is as it should be. Started by `cargo xtask clients`.
"""

import base64
import sys
import time

from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

KEY_FILE, ROOT = sys.argv[1:3]
ANNA = "anna.berg@gsuite.example"
ADMIN = "admin@gsuite.example"
MODIFY = "https://www.googleapis.com/auth/gmail.modify"
FULL = "https://mail.google.com/"
USERS = "https://www.googleapis.com/auth/admin.directory.user.readonly"
MESSAGE_ID = "client.4711@shop.example"
RAW = (
    b"From: Shop <billing@shop.example>\r\nTo: anna.berg@gsuite.example\r\n"
    b"Subject: Hello\r\nMessage-ID: <client.4711@shop.example>\r\n"
    b"Date: Tue, 15 Sep 2026 08:12:00 +0000\r\n\r\nHello.\r\n"
)


def service(name, version, subject, scope):
    key = service_account.Credentials.from_service_account_file(KEY_FILE, scopes=[scope])
    return build(
        name,
        version,
        credentials=key.with_subject(subject),
        client_options={"api_endpoint": ROOT},
        static_discovery=True,
    )


def refused(request, status):
    try:
        request.execute()
    except HttpError as error:
        assert error.resp.status == status, error
        return error.reason
    raise AssertionError("this must be refused")


def main():
    people = service("admin", "directory_v1", ADMIN, USERS).users()
    user = people.get(userKey=ANNA).execute()
    assert user["primaryEmail"] == ANNA, user
    refused(people.get(userKey="nobody@gsuite.example"), 404)

    messages = service("gmail", "v1", ANNA, MODIFY).users().messages()
    body = {"raw": base64.urlsafe_b64encode(RAW).decode(), "labelIds": ["INBOX", "UNREAD"]}
    put = messages.insert(userId="me", body=body, internalDateSource="dateHeader").execute()
    search = dict(userId="me", q=f"rfc822msgid:{MESSAGE_ID}", includeSpamTrash=True)
    until = time.monotonic() + 20
    while not (found := messages.list(**search).execute().get("messages")):
        assert time.monotonic() < until, "the index lags for ever"
        time.sleep(0.1)
    assert [it["id"] for it in found] == [put["id"]], found
    fields = ["Message-ID", "Subject"]
    shown = messages.get(
        userId="me", id=put["id"], format="metadata", metadataHeaders=fields
    ).execute()
    assert {it["name"]: it["value"] for it in shown["payload"]["headers"]} == {
        "Message-ID": f"<{MESSAGE_ID}>",
        "Subject": "Hello",
    }, shown
    assert shown["internalDate"] == "1789459920000", shown
    raw = messages.get(userId="me", id=put["id"], format="raw").execute()["raw"]
    assert base64.urlsafe_b64decode(raw) == RAW

    change = {"addLabelIds": ["SPAM"], "removeLabelIds": ["INBOX"]}
    changed = messages.modify(userId="me", id=put["id"], body=change).execute()
    assert changed["labelIds"] == ["SPAM", "UNREAD"], changed
    messages.trash(userId="me", id=put["id"]).execute()
    back = messages.untrash(userId="me", id=put["id"]).execute()
    assert "TRASH" not in back["labelIds"], back
    refused(messages.delete(userId="me", id=put["id"]), 403)
    reason = refused(messages.list(userId="ben.okafor@gsuite.example"), 403)
    assert "Delegation denied" in reason, reason
    ids = {"ids": [put["id"]], "addLabelIds": ["STARRED"]}
    messages.batchModify(userId="me", body=ids).execute()

    forever = service("gmail", "v1", ANNA, FULL).users().messages()
    forever.delete(userId="me", id=put["id"]).execute()
    refused(messages.get(userId="me", id=put["id"]), 404)
    print("Google's client has no complaint.")


main()
