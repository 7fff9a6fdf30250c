//! Documents that X12 can say whole: every field of the canonical model, there or not, in the lengths and characters of the
//! standard. What is left out cannot be told in a set: the partner, whether it is a test, the source's own numbers of cartons.

pub mod order;
pub mod order_ack;
pub mod shipment;
pub mod invoice;
mod parts;
