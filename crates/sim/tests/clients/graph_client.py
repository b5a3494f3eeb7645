"""Microsoft's own Python clients against the simulated Microsoft 365: MSAL signs in, the Graph SDK
does what there is to do with mail.

Usage: graph_client.py ROOT DIRECTORY_ID CLIENT_ID CLIENT_SECRET. Ends with 0 when the clients have
no complaint and everything is as it should be. Started by `cargo xtask clients`.
"""

import asyncio
import base64
import sys
import time

import msal
import requests
from azure.core.credentials import AccessToken
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.models.followup_flag import FollowupFlag
from msgraph.generated.models.followup_flag_status import FollowupFlagStatus
from msgraph.generated.models.message import Message
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.users.item.messages.item.move.move_post_request_body import (
    MovePostRequestBody,
)
from msgraph.generated.users.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

ROOT, DIRECTORY, CLIENT, SECRET = sys.argv[1:5]
ANNA = "anna.berg@corp.example"
MESSAGE_ID = "<client.4711+a'b@shop.example>"
RAW = (
    b"From: Shop <billing@shop.example>\r\nTo: anna.berg@corp.example\r\n"
    b"Subject: Hello\r\nMessage-ID: <client.4711+a'b@shop.example>\r\n"
    b"Date: Tue, 15 Sep 2026 08:12:00 +0000\r\n\r\nHello.\r\n"
)


class Loopback(requests.Session):
    """MSAL insists on TLS, which nothing on loopback needs."""

    def request(self, method, url, **rest):
        answer = super().request(method, url.replace("https://", "http://"), **rest)
        if url.endswith("/openid-configuration"):
            answer._content = answer.content.replace(b"http://", b"https://")
        return answer


class Credential:
    def __init__(self, secret=SECRET):
        self.app = msal.ConfidentialClientApplication(
            CLIENT,
            client_credential=secret,
            authority=f"{ROOT.replace('http://', 'https://')}/{DIRECTORY}",
            instance_discovery=False,
            http_client=Loopback(),
        )

    def token(self):
        return self.app.acquire_token_for_client([f"{ROOT}/.default"])

    def get_token(self, *scopes, **rest):
        token = self.token()
        return AccessToken(token["access_token"], int(time.time()) + token["expires_in"])


def asked(kind, **options):
    """What is asked for beside the path; ids that stay are asked for each time."""
    configuration = RequestConfiguration(query_parameters=kind(**options) if kind else None)
    configuration.headers.add("Prefer", 'IdType="ImmutableId"')
    return configuration


async def refused(request, status, code):
    try:
        await request
    except ODataError as error:
        assert error.response_status_code == status, error
        assert error.error.code == code, error
        return
    raise AssertionError("this must be refused")


async def work(graph):
    find = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters
    query = asked(find, filter=f"proxyAddresses/any(p:p eq 'smtp:{ANNA}')", select=["id", "mail"])
    users = (await graph.users.get(query)).value
    assert [user.mail for user in users] == [ANNA], users
    anna = graph.users.by_user_id(users[0].id)
    nobody = graph.users.by_user_id("nobody@corp.example")
    await refused(nobody.get(), 404, "Request_ResourceNotFound")
    organisations = (await graph.organization.get()).value
    assert organisations[0].id == DIRECTORY, organisations
    groups = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters
    assert (await graph.groups.get(asked(groups, filter=f"mail eq '{ANNA}'"))).value == []

    # The SDK makes drafts of its own objects only; MIME goes as it is.
    token = Credential().token()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
    url = f"{ROOT}/v1.0/users/{users[0].id}/mailFolders/inbox/messages"
    made = requests.post(url, data=base64.b64encode(RAW), headers=headers, timeout=30)
    assert made.status_code == 201 and made.json()["isDraft"], made.text

    quoted = MESSAGE_ID.replace("'", "''")
    search = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters
    query = asked(
        search,
        filter=f"internetMessageId eq '{quoted}'",
        select=["subject", "isRead", "parentFolderId"],
    )
    until = time.monotonic() + 20
    while not (found := (await anna.messages.get(query)).value):
        assert time.monotonic() < until, "the index lags for ever"
        await asyncio.sleep(0.1)
    assert [it.subject for it in found] == ["Hello"], found
    item = anna.messages.by_message_id(found[0].id)
    octets = await item.content.get(asked(None))
    assert b"Hello." in octets and b"client.4711" in octets, octets

    change = Message(
        is_read=False,
        categories=["Red category"],
        flag=FollowupFlag(flag_status=FollowupFlagStatus.Flagged),
    )
    changed = await item.patch(change, asked(None))
    assert changed.flag.flag_status == FollowupFlagStatus.Flagged, changed
    assert (changed.is_read, changed.categories) == (False, ["Red category"]), changed
    for folder in ["junkemail", "deleteditems", "recoverableitemsdeletions", "inbox"]:
        to = MovePostRequestBody(destination_id=folder)
        moved = await item.move.post(to, asked(None))
        assert moved.id == found[0].id, moved
    inbox = await anna.mail_folders.by_mail_folder_id("inbox").get()
    assert moved.parent_folder_id == inbox.id, moved
    folders = (await anna.mail_folders.get()).value
    assert "Junk Email" in [folder.display_name for folder in folders], folders

    await item.permanent_delete.post(asked(None))
    await refused(item.get(asked(None)), 404, "ErrorItemNotFound")


def main():
    wrong = Credential("wrong").token()
    assert wrong["error"] == "invalid_client" and 7000215 in wrong["error_codes"], wrong
    provider = AzureIdentityAuthenticationProvider(Credential(), scopes=[f"{ROOT}/.default"])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{ROOT}/v1.0"
    asyncio.run(work(GraphServiceClient(request_adapter=adapter)))
    print("Microsoft's clients have no complaint.")


main()
