//! Every path of the API: what it takes, what it answers, and who answers.
//!
//! ```text
//! Route { path: "/api/v1/deliveries/{id}/attempts", operation: "listAttempts", parameters: [], answers: …, read: … }
//! ```

use schemars::{Schema, SchemaGenerator};

use super::asked::{Asked, Parameter};
use super::partners::PartnerRow;
use super::single::{OneDelivery, OneDocument, OneOrder, Story};
use super::{Answered, Fault, Rows, listings, raw, schema, single};
use crate::ledger::clock::ClockRow;
use crate::ledger::event::NumberedEvent;
use crate::ledger::node::Node;
use crate::ledger::view::failures::{FailureRow, STATES_OF_FAILURES};
use crate::ledger::view::{self, AckRow, AttemptRow, DeliveryRow, DocumentRow, FindingRow, TransmissionRow};

/// One path.
pub struct Route {
    /// The path; what stands in braces is a value.
    pub path: &'static str,
    /// The operation's name for programs that are made from the OpenAPI document.
    pub operation: &'static str,
    /// One line.
    pub about: &'static str,
    /// What the question may be narrowed by.
    pub parameters: &'static [Parameter],
    /// What is answered.
    pub answers: Answers,
    /// Reads the answer. It blocks.
    pub read: fn(&Asked) -> Result<Answered, Fault>,
}

/// What a path answers with.
pub enum Answers {
    /// A value of a type.
    Of(fn(&mut SchemaGenerator) -> Schema),
    /// How the gateway is, which the house knows.
    Report,
    /// The bytes of a file.
    Bytes,
    /// The OpenAPI document, to anybody.
    OpenApi,
}

impl Route {
    /// True where no token is asked for.
    pub fn is_open(&self) -> bool {
        matches!(self.answers, Answers::OpenApi)
    }
}

use Parameter::{Cursor, Kind, Limit, Number, Partner, Set, Since, State, Until};

const EXPECTATIONS: &[Parameter] = &[
    Partner,
    State(&view::STATES_OF_EXPECTATIONS),
    Kind("What is expected: 997, TA1, MDN, 855."),
    Set,
    Since,
    Until,
    Number,
    Cursor,
    Limit,
];

/// All paths, in the order in which the document shows them.
pub static ROUTES: [Route; 20] = [
    Route {
        path: "/api/v1/transmissions",
        operation: "listTransmissions",
        about: "Files that came in and went out, and what became of them.",
        parameters: &[
            Partner,
            State(&view::STATES_OF_TRANSMISSIONS),
            Kind("The direction: in, out."),
            Since,
            Until,
            Number,
            Cursor,
            Limit,
        ],
        answers: Answers::Of(schema::<Rows<TransmissionRow>>),
        read: listings::transmissions,
    },
    Route {
        path: "/api/v1/documents",
        operation: "listDocuments",
        about: "Orders, order acknowledgments, shipments, invoices and all other documents.",
        parameters: &[
            Partner,
            Kind("What it is: order, order_ack, shipment, invoice …"),
            Since,
            Until,
            Number,
            Cursor,
            Limit,
        ],
        answers: Answers::Of(schema::<Rows<DocumentRow>>),
        read: listings::documents,
    },
    Route {
        path: "/api/v1/documents/{id}",
        operation: "getDocument",
        about: "One document in its canonical form.",
        parameters: &[],
        answers: Answers::Of(schema::<OneDocument>),
        read: single::document,
    },
    Route {
        path: "/api/v1/documents/{id}/raw",
        operation: "getRawDocument",
        about: "The file that brought a document, byte for byte.",
        parameters: &[],
        answers: Answers::Bytes,
        read: raw::of_document,
    },
    Route {
        path: "/api/v1/orders/{partner}/{po}",
        operation: "getOrder",
        about: "An order with its matrix, the documents about it and its deliveries.",
        parameters: &[],
        answers: Answers::Of(schema::<OneOrder>),
        read: single::order,
    },
    Route {
        path: "/api/v1/acknowledgments",
        operation: "listAcknowledgments",
        about: "What partners owe us and we owe partners in acknowledgments, and how it stands.",
        parameters: EXPECTATIONS,
        answers: Answers::Of(schema::<Rows<AckRow>>),
        read: listings::acknowledgments,
    },
    Route {
        path: "/api/v1/expectations",
        operation: "listExpectations",
        about: "Everything that is expected, with its clock.",
        parameters: EXPECTATIONS,
        answers: Answers::Of(schema::<Rows<AckRow>>),
        read: listings::expectations,
    },
    Route {
        path: "/api/v1/deliveries",
        operation: "listDeliveries",
        about: "What goes out: due, sent, retrying, parked.",
        parameters: &[
            Partner,
            State(&view::STATES_OF_DELIVERIES),
            Kind("The endpoint by which it goes."),
            Since,
            Until,
            Number,
            Cursor,
            Limit,
        ],
        answers: Answers::Of(schema::<Rows<DeliveryRow>>),
        read: listings::deliveries,
    },
    Route {
        path: "/api/v1/deliveries/{id}",
        operation: "getDelivery",
        about: "One delivery.",
        parameters: &[],
        answers: Answers::Of(schema::<OneDelivery>),
        read: single::delivery,
    },
    Route {
        path: "/api/v1/deliveries/{id}/attempts",
        operation: "listAttempts",
        about: "The attempts at a delivery, in their order.",
        parameters: &[],
        answers: Answers::Of(schema::<Rows<AttemptRow>>),
        read: single::attempts,
    },
    Route {
        path: "/api/v1/findings",
        operation: "listFindings",
        about: "Disagreements that need a look.",
        parameters: &[
            Partner,
            State(&view::STATES_OF_FINDINGS),
            Kind("The rule, by its code."),
            Since,
            Until,
            Number,
            Cursor,
            Limit,
        ],
        answers: Answers::Of(schema::<Rows<FindingRow>>),
        read: listings::findings,
    },
    Route {
        path: "/api/v1/clocks",
        operation: "listClocks",
        about: "The rules of partners held against what happened: in time, at risk, or broken, and at what cost.",
        parameters: &[
            Partner,
            State(&view::STATES_OF_CLOCKS),
            Kind("The rule, by its name in the partner file."),
            Since,
            Until,
            Number,
            Cursor,
            Limit,
        ],
        answers: Answers::Of(schema::<Rows<ClockRow>>),
        read: listings::clocks,
    },
    Route {
        path: "/api/v1/failures",
        operation: "listFailures",
        about: "What failed, numbered among its like, and what of it was settled by which line of the journal.",
        parameters: &[
            Partner,
            State(&STATES_OF_FAILURES),
            Kind("What kind of fault, by its code."),
            Since,
            Until,
            Number,
            Cursor,
            Limit,
        ],
        answers: Answers::Of(schema::<Rows<FailureRow>>),
        read: listings::failures,
    },
    Route {
        path: "/api/v1/events",
        operation: "listEvents",
        about: "The journal.",
        parameters: &[
            Partner,
            Kind("What happened: received, delivered, overdue …"),
            Since,
            Until,
            Number,
            Cursor,
            Limit,
        ],
        answers: Answers::Of(schema::<Rows<NumberedEvent>>),
        read: listings::events,
    },
    Route {
        path: "/api/v1/events/{partner}/{sequence}",
        operation: "getEvent",
        about: "One line of a partner's journal.",
        parameters: &[],
        answers: Answers::Of(schema::<NumberedEvent>),
        read: single::event,
    },
    Route {
        path: "/api/v1/partners",
        operation: "listPartners",
        about: "Everyone on the other end of a wire.",
        parameters: &[],
        answers: Answers::Of(schema::<Rows<PartnerRow>>),
        read: listings::partners,
    },
    Route {
        path: "/api/v1/nodes",
        operation: "listNodes",
        about: "The nodes that share the ledger; none where it is a file.",
        parameters: &[],
        answers: Answers::Of(schema::<Rows<Node>>),
        read: listings::nodes,
    },
    Route {
        path: "/api/v1/status",
        operation: "getStatus",
        about: "Whether all is well: what is in trouble, and what waits.",
        parameters: &[],
        answers: Answers::Report,
        read: single::status,
    },
    Route {
        path: "/api/v1/trace/{key}",
        operation: "trace",
        about: "Everything known about a number, a file or an id, in order.",
        parameters: &[],
        answers: Answers::Of(schema::<Story>),
        read: single::trace,
    },
    Route {
        path: "/api/v1/openapi.json",
        operation: "getOpenApi",
        about: "This document.",
        parameters: &[],
        answers: Answers::OpenApi,
        read: single::nothing,
    },
];
