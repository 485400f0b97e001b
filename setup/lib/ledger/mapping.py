"""What the columns of a receivables ledger mean.

A file is recognised by its header: the mapping all of whose columns are there. To read another
kind of file, add a :class:`Mapping` to :data:`MAPPINGS`.
"""

import dataclasses
from collections.abc import Mapping as Dict


@dataclasses.dataclass(frozen=True)
class Mapping:
    """Column names and conventions of one kind of file; compression is seen from its content.

    :param customer: what identifies the customer
    :param due: due date
    :param amount: invoice total; negative for a credit note
    :param number: invoice number; where it is missing one is derived from the row's content
    :param date: invoice date; where it is missing it is the due date less ``terms`` days
    :param settled: date on which the invoice was paid
    :param paid: amounts already paid or credited, added up; without it, a settled invoice is
        paid in full
    :param paid_on: date by which a part was paid, for invoices without a settled date; where it
        is missing the part counts as paid from the invoice date on
    :param currency: currency code; without it every amount is in ``company_currency``
    :param rate: units of the invoice's currency for one unit of the company's
    :param company_currency: where it is None, the currency that the file quotes at a rate of 1
    :param keep: for a column, the values of the rows to load; all others are left out
    """

    name: str
    customer: str
    due: str
    amount: str
    number: str | None = None
    date: str | None = None
    terms: int = 30
    settled: str | None = None
    paid: tuple[str, ...] = ()
    paid_on: str | None = None
    currency: str | None = None
    rate: str | None = None
    company_currency: str | None = "USD"
    keep: Dict[str, frozenset] = dataclasses.field(default_factory=dict)
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    date_format: str = "%Y-%m-%d"
    decimal_mark: str = "."

    @property
    def columns(self):
        """The names of all columns that are read."""
        single = (
            self.customer,
            self.due,
            self.amount,
            self.number,
            self.date,
            self.settled,
            self.paid_on,
            self.currency,
            self.rate,
        )
        return {name for name in (*single, *self.paid, *self.keep) if name}


IBM = Mapping(
    name="ibm",
    customer="customerID",
    number="invoiceNumber",
    date="InvoiceDate",
    due="DueDate",
    amount="InvoiceAmount",
    settled="SettledDate",
    date_format="%d/%m/%Y",
)

# Amounts owed to the company only, and of these what was issued and stands: drafts and invoices
# waiting for approval were never sent, deleted and voided ones are not owed.
XERO = Mapping(
    name="xero",
    customer="contact_id",
    number="invoice_number",
    date="date",
    due="due_date",
    amount="total",
    settled="fully_paid_on_date",
    paid=("amount_paid", "amount_credited"),
    paid_on="updated_date_utc",
    currency="currency_code",
    rate="currency_rate",
    company_currency=None,
    keep={"type": frozenset({"ACCREC"}), "status": frozenset({"AUTHORISED", "PAID"})},
)

HIGHRADIUS = Mapping(
    name="highradius",
    customer="cust_number",
    due="due_in_date",
    amount="total_open_amount",
    settled="clear_date",
)

MAPPINGS = (IBM, XERO, HIGHRADIUS)
