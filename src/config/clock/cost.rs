//! What a breach costs: a flat sum, so much of each, a share of a value, within a minimum and a maximum.
//!
//! ```text
//! { per_carton = "0.75", minimum = "100", currency = "USD" }
//!   150 cartons                 112.50 USD
//!   150 packs, cartons unknown  about 112.50 USD        what was told stands in for what is not known
//!   nothing known               at least 100.00 USD
//! ```
//!
//! Parts are summed, the sum is held within minimum and maximum, and only what is shown is rounded, to two places.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Fault;
use super::noun::Figure;
use crate::document::cents;

/// The `cost` table as it is written; every number is a decimal in quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CostText {
    /// Whatever the breach is about.
    pub flat: Option<String>,
    /// For each carton of the shipment.
    pub per_carton: Option<String>,
    /// For each case.
    pub per_case: Option<String>,
    /// For each unit shipped.
    pub per_unit: Option<String>,
    /// For each different item.
    pub per_item: Option<String>,
    /// Of the order's value.
    pub percent_of_order: Option<String>,
    /// Of what was shipped, at the order's prices.
    pub percent_of_shipped: Option<String>,
    /// Of the invoice's total.
    pub percent_of_invoice: Option<String>,
    /// Never less.
    pub minimum: Option<String>,
    /// Never more.
    pub maximum: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
}

/// A cost model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    flat: Decimal,
    /// So much for each one of a figure; a percentage is a hundredth for each one of a value.
    shares: Vec<(Figure, Decimal)>,
    minimum: Decimal,
    maximum: Option<Decimal>,
    currency: String,
}

/// What a breach costs, as far as that can be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The sum, not rounded.
    pub amount: Decimal,
    /// How sure it is.
    pub certainty: Certainty,
    /// ISO 4217.
    pub currency: String,
}

/// How sure a sum is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Every figure is known.
    Exact,
    /// Another figure stood in for one, or the breach has not come yet.
    About,
    /// It lacks the share of these, which nothing is known of.
    AtLeast(Vec<Figure>),
}

impl Cost {
    /// Reads the table.
    pub fn read(text: &CostText) -> Result<Cost, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut amount = |written: &Option<String>, what: &str| {
            let written = written.as_deref()?;
            let number = written.parse::<Decimal>().ok().filter(|number| !number.is_sign_negative());
            if number.is_none() {
                let message = format!("{what} is {written:?}");
                faults.push(Fault::new("cost", message, r#"a decimal that is not negative, such as "0.75""#));
            }
            number
        };
        let flat = amount(&text.flat, "flat");
        let hundredth = Decimal::new(1, 2);
        let shares = [
            (Figure::Cartons, amount(&text.per_carton, "per_carton")),
            (Figure::Cases, amount(&text.per_case, "per_case")),
            (Figure::Shipped, amount(&text.per_unit, "per_unit")),
            (Figure::Items, amount(&text.per_item, "per_item")),
            (Figure::OrderAmount, percent(amount(&text.percent_of_order, "percent_of_order"), hundredth)),
            (Figure::ShippedAmount, percent(amount(&text.percent_of_shipped, "percent_of_shipped"), hundredth)),
            (Figure::InvoiceAmount, percent(amount(&text.percent_of_invoice, "percent_of_invoice"), hundredth)),
        ];
        let shares: Vec<(Figure, Decimal)> =
            shares.into_iter().filter_map(|(figure, each)| Some((figure, each?))).collect();
        let (minimum, maximum) = (amount(&text.minimum, "minimum"), amount(&text.maximum, "maximum"));
        let minimum_or_zero = minimum.unwrap_or_default();
        if let Some(maximum) = maximum.filter(|maximum| *maximum < minimum_or_zero) {
            faults.push(Fault::new(
                "cost",
                format!("maximum is {maximum}"),
                format!("no less than minimum, {minimum_or_zero}"),
            ));
        }
        if faults.is_empty() && flat.is_none() && shares.is_empty() && minimum.is_none() {
            faults.push(Fault::new(
                "cost",
                "it costs nothing",
                r#"flat, per_… or percent_of_…, such as per_carton = "0.75""#,
            ));
        }
        let currency = text.currency.clone().unwrap_or_default();
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            faults.push(Fault::new("cost", format!("currency is {currency:?}"), r#"three letters, such as "USD""#));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Cost { flat: flat.unwrap_or_default(), shares, minimum: minimum_or_zero, maximum, currency })
    }

    /// What a breach costs by the figures that are known.
    pub fn charge(&self, known: impl Fn(Figure) -> Option<Decimal>) -> Charge {
        let mut amount = self.flat;
        let mut missing = Vec::new();
        let mut estimated = false;
        for (figure, each) in &self.shares {
            let mut basis = *figure;
            let value = loop {
                match (known(basis), basis.stand_in()) {
                    (None, Some(other)) => basis = other,
                    (value, _) => break value,
                }
            };
            estimated |= value.is_some() && basis != *figure;
            match value {
                Some(value) => amount = amount.saturating_add(each.saturating_mul(value)),
                None => missing.push(*figure),
            }
        }
        amount = amount.max(self.minimum);
        let certainty = match self.maximum {
            // What is still missing cannot raise it.
            Some(maximum) if amount >= maximum && !estimated => Certainty::Exact,
            _ if !missing.is_empty() => Certainty::AtLeast(missing),
            _ if estimated => Certainty::About,
            _ => Certainty::Exact,
        };
        amount = self.maximum.map_or(amount, |maximum| amount.min(maximum));
        Charge { amount, certainty, currency: self.currency.clone() }
    }
}

fn percent(number: Option<Decimal>, hundredth: Decimal) -> Option<Decimal> {
    number.map(|number| number.saturating_mul(hundredth))
}

impl Charge {
    /// The same for a breach that has not come yet: what is known now may change until then.
    pub fn foreseen(self) -> Charge {
        match self.certainty {
            Certainty::Exact => Charge { certainty: Certainty::About, ..self },
            Certainty::About | Certainty::AtLeast(_) => self,
        }
    }
}

/// `200.00 USD, 0.75 USD for each of cartons, at least 100.00 USD`
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let currency = &self.currency;
        let mut parts = Vec::new();
        if !self.flat.is_zero() {
            parts.push(format!("{:.2} {currency}", self.flat));
        }
        parts.extend(self.shares.iter().map(|(figure, each)| match figure {
            Figure::OrderAmount | Figure::ShippedAmount | Figure::InvoiceAmount | Figure::PaidAmount => {
                format!("{} % of the {}", (each * Decimal::ONE_HUNDRED).normalize(), figure.name())
            }
            counted => format!("{each:.2} {currency} for each of {}", counted.name()),
        }));
        if !self.minimum.is_zero() {
            parts.push(format!("at least {:.2} {currency}", self.minimum));
        }
        parts.extend(self.maximum.iter().map(|maximum| format!("at most {maximum:.2} {currency}")));
        f.write_str(&parts.join(", "))
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how_sure = match &self.certainty {
            Certainty::Exact => "",
            Certainty::About => "about ",
            Certainty::AtLeast(_) => "at least ",
        };
        write!(f, "{how_sure}{:.2} {}", cents(self.amount), self.currency)?;
        if let Certainty::AtLeast(missing) = &self.certainty {
            let names: Vec<&str> = missing.iter().map(|figure| figure.name()).collect();
            write!(f, " (not known yet: {})", names.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(text: &str) -> Result<Cost, Vec<String>> {
        let read = Cost::read(&toml::from_str(text).unwrap());
        read.map_err(|faults| faults.into_iter().map(|fault| fault.message).collect())
    }

    fn check(text: &str, known: &[(Figure, &str)], expect: &str) {
        let cost = cost(&format!("{text}\ncurrency = \"USD\"")).unwrap();
        let find = |figure| known.iter().find(|(known, _)| *known == figure).map(|(_, value)| value.parse().unwrap());
        assert_eq!(cost.charge(find).to_string(), expect, "{text} {known:?}");
    }

    #[test]
    fn a_cost_is_told_in_words() {
        let told = |text: &str| cost(&format!("{text}\ncurrency = \"USD\"")).unwrap().to_string();
        assert_eq!(
            told("per_carton = \"0.75\"\nminimum = \"100\""),
            "0.75 USD for each of cartons, at least 100.00 USD"
        );
        assert_eq!(
            told("flat = \"200\"\npercent_of_order = \"3\"\nmaximum = \"500\""),
            "200.00 USD, 3 % of the order amount, at most 500.00 USD"
        );
    }

    #[test]
    fn target_takes_75_cents_a_carton_and_100_dollars_at_least() {
        let target = "per_carton = \"0.75\"\nminimum = \"100\"";
        check(target, &[(Figure::Cartons, "150")], "112.50 USD");
        check(target, &[(Figure::Cartons, "133")], "100.00 USD");
        check(target, &[(Figure::Cartons, "134")], "100.50 USD");
        check(target, &[(Figure::Packs, "150")], "about 112.50 USD");
        check(target, &[], "at least 100.00 USD (not known yet: cartons)");
    }

    #[test]
    fn walmart_takes_200_dollars_an_order_and_a_dollar_a_case() {
        let walmart = "flat = \"200\"\nper_case = \"1\"";
        check(walmart, &[(Figure::Cases, "36")], "236.00 USD");
        check(walmart, &[], "at least 200.00 USD (not known yet: cases)");
        check("per_item = \"200\"\nper_case = \"1\"", &[(Figure::Items, "2"), (Figure::Cases, "7")], "407.00 USD");
    }

    #[test]
    fn kroger_takes_one_percent_of_the_invoice_or_250_dollars_whichever_is_greater() {
        let kroger = "percent_of_invoice = \"1\"\nminimum = \"250\"";
        check(kroger, &[(Figure::InvoiceAmount, "24999.99")], "250.00 USD");
        check(kroger, &[(Figure::InvoiceAmount, "30000.50")], "300.01 USD");
        check(kroger, &[(Figure::OrderAmount, "30000.50")], "about 300.01 USD");
    }

    #[test]
    fn a_percentage_is_rounded_once_half_away_from_zero() {
        check("percent_of_order = \"3\"", &[(Figure::OrderAmount, "152.64")], "4.58 USD");
        // 0.125 + 0.125 = 0.25, which two rounded halves would make 0.26.
        let halves = "percent_of_order = \"1\"\npercent_of_shipped = \"1\"";
        check(halves, &[(Figure::OrderAmount, "12.5"), (Figure::ShippedAmount, "12.5")], "0.25 USD");
        check("percent_of_order = \"1\"", &[(Figure::OrderAmount, "12.5")], "0.13 USD");
    }

    #[test]
    fn a_maximum_that_is_reached_is_exact_whatever_is_missing() {
        let capped = "flat = \"50\"\nper_unit = \"0.10\"\nmaximum = \"50\"";
        check(capped, &[], "50.00 USD");
        check(capped, &[(Figure::Shipped, "9")], "50.00 USD");
        check("per_unit = \"0.10\"\nmaximum = \"50\"", &[(Figure::Ordered, "36")], "about 3.60 USD");
    }

    #[test]
    fn a_cost_that_cannot_be_understood_says_why() {
        let faults = |text: &str| cost(text).unwrap_err();
        assert_eq!(faults("currency = \"USD\""), ["it costs nothing"]);
        assert_eq!(faults("flat = \"25\""), ["currency is \"\""]);
        assert_eq!(
            faults("flat = \"$25\"\nper_case = \"-1\"\ncurrency = \"usd\""),
            ["flat is \"$25\"", "per_case is \"-1\"", "currency is \"usd\""]
        );
        assert_eq!(faults("flat = \"25\"\nminimum = \"9\"\nmaximum = \"5\"\ncurrency = \"USD\""), ["maximum is 5"]);
        let unknown = toml::from_str::<CostText>("per_pallet = \"1\"").unwrap_err();
        assert!(unknown.message().contains("unknown field `per_pallet`"), "{unknown}");
    }
}
