//! Faults of listeners, of the API's tokens, and of what is posted.

use super::*;
use crate::config::listen::Serves;

/// The faults after a listener was added to gateway.toml.
fn listen(lines: &str) -> String {
    gateway(r#"format = "json""#, &format!("format = \"json\"\n[[listen]]\n{lines}"))
}

/// The faults after an endpoint that posts was added to the ERP's file.
fn post(lines: &str) -> String {
    let erp = ERP.trim_start();
    let text = format!("{erp}\n[[endpoint]]\nname = \"api\"\nvia = \"http\"\n[endpoint.post]\n{lines}\n");
    Setup::new().with("partners/erp/partner.toml", &text).faults()
}

#[test]
fn a_listener_that_is_right_is_read_with_its_defaults() {
    let lines = "[[listen]]\naddress = \"0.0.0.0:8443\"\nserves = \"api\"\ncertificate = \"tls/a.pem\"\n\
                 key = \"file:tls/a.key\"\nclient_ca = \"tls/clients.pem\"";
    let setup = Setup::new().change("gateway.toml", r#"format = "json""#, &format!("format = \"json\"\n{lines}"));
    let (config, _) = setup.load().unwrap();
    let listen = &config.listen[0];
    assert_eq!((listen.max_body, listen.connections, listen.serves.as_slice()), (100_000_000, 512, &[Serves::Api][..]));
    let tls = listen.tls.as_ref().unwrap();
    assert!(tls.certificate.ends_with("home/tls/a.pem") && tls.clients.as_ref().unwrap().required);
}

#[test]
fn a_listener_for_other_machines_is_encrypted_or_says_that_it_is_not() {
    assert_snapshot!(listen("address = \"0.0.0.0:8080\"\nserves = [\"api\"]"), @r#"
    error CFG-E062: 0.0.0.0:8080 is reached from other machines, and nothing there is encrypted
      at gateway.toml, line 16, column 11
      expected certificate = "…" and key = "…", or an address such as 127.0.0.1:8080
      hint: where a proxy in front of it does the encryption, say plain = true
    "#);
    assert_eq!(listen("address = \"0.0.0.0:8080\"\nserves = [\"api\"]\nplain = true"), "");
    assert_eq!(listen("address = \"127.0.0.1:8080\"\nserves = [\"api\"]"), "");
}

#[test]
fn a_listener_names_an_address_and_what_it_serves() {
    assert_snapshot!(listen("address = \"localhost:8080\"\nserves = [\"apis\"]\nadress = 1"), @r#"
    error CFG-E062: "localhost:8080" is no address to listen at
      at gateway.toml, line 16, column 11
      expected an IP address and a port, such as "0.0.0.0:8443" or "[::]:8443", found "localhost:8080"
      hint: 0.0.0.0 and [::] stand for every address of this machine, 127.0.0.1 for nobody but this machine
    error CFG-E005: "apis" is no service of a listener
      at gateway.toml, line 17, column 11
      expected one of api, as2, pages, v1, metrics, health
      hint: did you mean "api"?
    error CFG-E001: unknown key "adress" in [[listen]]
      at gateway.toml, line 18, column 1
      expected one of address, serves, plain, max_body, patience, connections, connections_per_peer, certificate, key, client_ca, client_certificate
      hint: did you mean "address"?
    "#);
}

#[test]
fn two_listeners_have_two_addresses() {
    let twice =
        "address = \"127.0.0.1:1\"\nserves = [\"api\"]\n[[listen]]\naddress = \"127.0.0.1:1\"\nserves = [\"api\"]";
    assert!(listen(twice).contains("two listeners have the address 127.0.0.1:1"));
}

#[test]
fn a_token_is_referred_to_and_its_name_is_no_endpoints() {
    let told = megamart(r#"receive = "850""#, "receive = \"850\"\n[api]\ntoken = \"hunter2\"");
    // The table stands in the middle of a rule, which is a fault of its own.
    assert!(told.contains("a secret is written into the file") && !told.contains("hunter2"), "{told}");
    let text = format!(
        "{}\n[api]\ntoken = \"file:t\"\n[[endpoint]]\nname = \"api\"\nvia = \"folder\"\ndrop_off = {{ to = \"x\" }}\n",
        MEGAMART.trim_start()
    );
    let told = Setup::new().with("partners/megamart/partner.toml", &text).faults();
    assert!(told.contains("an endpoint is named \"api\", which is the name of what [api] takes"), "{told}");
}

#[test]
fn what_is_posted_goes_to_a_url_that_is_encrypted() {
    assert_eq!(post("to = \"https://erp.example/orders\""), "");
    assert_snapshot!(post("to = \"http://erp.example/orders\""), @r#"
    error CFG-E062: the URL is not encrypted
      at partners/erp/partner.toml, line 25, column 6
      expected a URL such as "https://erp.acme.example/api/orders", found "http://erp.example/orders"
      hint: what goes there can be read on its way; where that will do, say plain = true
    "#);
    assert_eq!(post("to = \"http://erp.example/orders\"\nplain = true"), "");
}

#[test]
fn an_endpoint_by_http_has_post_and_no_folders() {
    let told = erp("name = \"inbox\"\nvia  = \"folder\"", "name = \"inbox\"\nvia  = \"http\"");
    assert!(told.contains("pick_up and drop_off are for folders and servers, post and poll are for APIs"), "{told}");
}
