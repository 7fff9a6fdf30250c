//! The OpenAPI document, made of the table of paths and of the types that are answered.

use axum::http::StatusCode;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::asked::Parameter;
use super::problem::Problem;
use super::table::{Answers, ROUTES, Route};
use crate::web::host::Host;

/// Where the schemas of types stand.
const SCHEMAS: &str = "/components/schemas";

/// The document of this build.
pub fn document(host: &dyn Host) -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = SCHEMAS.into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Problem>().to_value();
    let mut paths = Map::new();
    for route in &ROUTES {
        let answer = answer(route, &mut generator, host);
        paths.insert(route.path.to_owned(), json!({ "get": operation(route, answer, &problem) }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "edigate",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The books of an EDI gateway, to be read. Listings show the newest rows first; `next` of one page is the \
                            `cursor` of the following one. What is refused is a problem of RFC 9457 with a code that \
                            `edigate explain` knows.",
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{ "token": [] }],
    })
}

fn operation(route: &Route, answer: Value, problem: &Value) -> Value {
    let in_path = path_names(route.path).map(
        |name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } }),
    );
    let in_query = route.parameters.iter().map(|parameter: &Parameter| {
        json!({
            "name": parameter.name(), "in": "query", "description": parameter.meaning(), "schema": parameter.schema(),
        })
    });
    let parameters: Vec<Value> = in_path.chain(in_query).collect();
    let mut answers = Map::new();
    answers.insert("200".to_owned(), answer);
    for status in problems(route) {
        let reason = status.canonical_reason().unwrap_or_default();
        let content = json!({ "application/problem+json": { "schema": problem } });
        answers.insert(status.as_u16().to_string(), json!({ "description": reason, "content": content }));
    }
    let mut operation = json!({
        "operationId": route.operation, "summary": route.about, "parameters": parameters, "responses": answers,
    });
    if route.is_open() {
        operation["security"] = json!([]);
    }
    operation
}

/// What may go wrong.
fn problems(route: &Route) -> Vec<StatusCode> {
    if route.is_open() {
        return Vec::new();
    }
    let mut problems = vec![
        StatusCode::BAD_REQUEST,
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::NOT_FOUND,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    if matches!(route.answers, Answers::Bytes) {
        problems.push(StatusCode::GONE);
    }
    problems
}

fn answer(route: &Route, generator: &mut SchemaGenerator, host: &dyn Host) -> Value {
    let schema = match &route.answers {
        Answers::Of(schema) => schema(generator).to_value(),
        Answers::Report => host.report_schema(generator).to_value(),
        Answers::OpenApi => json!({ "type": "object" }),
        Answers::Bytes => {
            return json!({ "description": "The bytes.", "content": { "application/octet-stream": {} } });
        }
    };
    json!({ "description": route.about, "content": { "application/json": { "schema": schema } } })
}

/// The names in braces.
fn path_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}
