"""A region holds what lies in it, by the names that sellers give them."""

import pytest

from estimator.places import is_in_china, is_of_a_government, is_within


@pytest.mark.parametrize(
    ("asked", "regions"),
    [
        (
            "us",
            ("us-east-1", "us-central1", "eastus", "southcentralus", "westus2", "US-KS-2"),
        ),
        ("europe", ("europe-west4", "eu-west-1", "westeurope", "uksouth", "swedencentral", "nl", "FIN-01")),
        ("eu", ("europe-west4", "eu-north1", "EU-RO-1", "francecentral")),
        ("asia", ("ap-southeast-1", "asia-northeast1", "japaneast", "southeastasia")),
        ("china", ("cn", "cn-hangzhou", "cn-north-1")),
        ("us-east", ("us-east-1", "us-east4", "us-east-2a")),
        ("us-gov", ("us-gov-west-1",)),
    ],
)
def test_what_lies_in_a_region(asked: str, regions: tuple[str, ...]) -> None:
    assert [region for region in regions if not is_within(region, asked)] == []


@pytest.mark.parametrize(
    ("asked", "region"),
    [
        ("us", "australiaeast"),
        ("us", ""),
        ("us-east-1", "us-east-10"),
        ("us-east-1", "us-east"),
        ("eastus", "eastus2"),
        ("europe", "us-east-1"),
        ("europe", "japaneast"),
        ("china", "ap-southeast-1"),
        ("asia", "australiaeast"),
        ("cn", "canadacentral"),
    ],
)
def test_what_does_not(asked: str, region: str) -> None:
    assert not is_within(region, asked)


def test_a_chinese_region_is_told() -> None:
    assert is_in_china("cn-hangzhou")
    assert not is_in_china("us-east-1")


def test_so_is_a_government_s() -> None:
    assert all(map(is_of_a_government, ("us-gov-west-1", "usgovvirginia", "USDoDEast")))
    assert not is_of_a_government("us-east-1")
