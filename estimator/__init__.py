"""Memory, time and cost of a fine-tune: pure functions from a spec, a catalog and prices to an `Estimate`."""

from estimator.catalog import Catalog
from estimator.document import estimate_document
from estimator.errors import EstimatorError, Impossible, UnknownFramework, UnknownGPU, UnknownModel
from estimator.estimate import estimate
from estimator.money import FxRate, Money, Offer
from estimator.plan import Plan
from estimator.prices.book import PriceBook
from estimator.result import Estimate, Option, Quote, RuleOfThumb
from estimator.spec import TrainingSpec
from estimator.workload import Assumption, Schedule, Workload

__all__ = [
    "Assumption",
    "Catalog",
    "Estimate",
    "EstimatorError",
    "FxRate",
    "Impossible",
    "Money",
    "Offer",
    "Option",
    "Plan",
    "PriceBook",
    "Quote",
    "RuleOfThumb",
    "Schedule",
    "TrainingSpec",
    "UnknownFramework",
    "UnknownGPU",
    "UnknownModel",
    "Workload",
    "estimate",
    "estimate_document",
]
