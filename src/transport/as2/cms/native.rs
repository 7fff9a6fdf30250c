//! What OpenSSL's CMS can do and its Rust crate does not offer: a choice of digest and of RSA padding, and contents that are
//! read where they are instead of being copied.
//!
//! This is the one file of the house with `unsafe` in it. Every pointer that is handed to OpenSSL here comes from a reference
//! that outlives the call.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uint, c_void};
use std::marker::PhantomData;
use std::ptr;

use foreign_types::ForeignTypeRef;
use openssl::cms::{CMSOptions, CmsContentInfoRef};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKeyRef, Private};
use openssl::stack::StackRef;
use openssl::x509::{X509, X509Ref};
use openssl_sys as ffi;

/// A signer or recipient within a message; it lives as long as the message.
enum Part {}

unsafe extern "C" {
    fn CMS_add1_signer(
        cms: *mut ffi::CMS_ContentInfo,
        signer: *mut ffi::X509,
        key: *mut ffi::EVP_PKEY,
        digest: *const ffi::EVP_MD,
        flags: c_uint,
    ) -> *mut Part;
    fn CMS_SignerInfo_get0_pkey_ctx(signer: *mut Part) -> *mut ffi::EVP_PKEY_CTX;
    fn CMS_add1_recipient_cert(cms: *mut ffi::CMS_ContentInfo, recipient: *mut ffi::X509, flags: c_uint) -> *mut Part;
    fn CMS_RecipientInfo_get0_pkey_ctx(recipient: *mut Part) -> *mut ffi::EVP_PKEY_CTX;
    fn CMS_final(cms: *mut ffi::CMS_ContentInfo, data: *mut ffi::BIO, dcont: *mut ffi::BIO, flags: c_uint) -> c_int;
}

/// Bytes that OpenSSL reads where they are.
struct Source<'b> {
    bio: *mut ffi::BIO,
    bytes: PhantomData<&'b [u8]>,
}

impl<'b> Source<'b> {
    fn of(bytes: &'b [u8]) -> Result<Source<'b>, ErrorStack> {
        ffi::init();
        // More than 2 GiB do not fit into a BIO; half of them would be worse than none.
        let Ok(length) = c_int::try_from(bytes.len()) else { return Err(ErrorStack::get()) };
        // SAFETY: the BIO is read-only and borrows the bytes, which outlive `Source` by its lifetime.
        let bio = unsafe { ffi::BIO_new_mem_buf(bytes.as_ptr().cast::<c_void>(), length) };
        if bio.is_null() { Err(ErrorStack::get()) } else { Ok(Source { bio, bytes: PhantomData }) }
    }
}

impl Drop for Source<'_> {
    fn drop(&mut self) {
        // SAFETY: the BIO was made by `of` and is freed once.
        unsafe { ffi::BIO_free_all(self.bio) };
    }
}

fn done(outcome: c_int) -> Result<(), ErrorStack> {
    if outcome > 0 { Ok(()) } else { Err(ErrorStack::get()) }
}

fn found<T>(pointer: *mut T) -> Result<*mut T, ErrorStack> {
    if pointer.is_null() { Err(ErrorStack::get()) } else { Ok(pointer) }
}

/// Adds a signer; with PSS where that is asked for.
pub(super) fn add_signer(
    cms: &CmsContentInfoRef,
    certificate: &X509Ref,
    key: &PKeyRef<Private>,
    digest: MessageDigest,
    is_pss: bool,
    flags: CMSOptions,
) -> Result<(), ErrorStack> {
    let flags = if is_pss { flags | CMSOptions::KEY_PARAM } else { flags };
    // SAFETY: all four are valid for the call; OpenSSL counts references of its own to certificate and key, digests are static.
    // The signer and its context belong to `cms`, which is borrowed until the end of this function.
    unsafe {
        let signer =
            found(CMS_add1_signer(cms.as_ptr(), certificate.as_ptr(), key.as_ptr(), digest.as_ptr(), flags.bits()))?;
        if is_pss {
            let context = found(CMS_SignerInfo_get0_pkey_ctx(signer))?;
            done(ffi::EVP_PKEY_CTX_set_rsa_padding(context, ffi::RSA_PKCS1_PSS_PADDING))?;
        }
    }
    Ok(())
}

/// Adds a recipient whose content key is padded by OAEP with this digest.
pub(super) fn add_recipient_by_oaep(
    cms: &CmsContentInfoRef,
    certificate: &X509Ref,
    digest: MessageDigest,
) -> Result<(), ErrorStack> {
    // SAFETY: as in `add_signer`; OpenSSL only reads the digest, whatever constness its binding declares.
    unsafe {
        let flags = CMSOptions::KEY_PARAM | CMSOptions::BINARY;
        let recipient = found(CMS_add1_recipient_cert(cms.as_ptr(), certificate.as_ptr(), flags.bits()))?;
        let context = found(CMS_RecipientInfo_get0_pkey_ctx(recipient))?;
        done(ffi::EVP_PKEY_CTX_set_rsa_padding(context, ffi::RSA_PKCS1_OAEP_PADDING))?;
        done(ffi::EVP_PKEY_CTX_set_rsa_oaep_md(context, digest.as_ptr().cast_mut()))
    }
}

/// Lets the content through signers and recipients, to the end.
pub(super) fn finish(cms: &CmsContentInfoRef, content: &[u8], flags: CMSOptions) -> Result<(), ErrorStack> {
    let source = Source::of(content)?;
    // SAFETY: `cms` and the source are valid for the call; no detached content is written.
    done(unsafe { CMS_final(cms.as_ptr(), source.bio, ptr::null_mut(), flags.bits()) })
}

/// Verifies a signature about content that stands elsewhere, without copying the content.
pub(super) fn verify_detached(
    cms: &CmsContentInfoRef,
    certificates: &StackRef<X509>,
    content: &[u8],
    flags: CMSOptions,
) -> Result<(), ErrorStack> {
    let source = Source::of(content)?;
    // SAFETY: all are valid for the call; without an output OpenSSL drops what it reads.
    done(unsafe {
        ffi::CMS_verify(cms.as_ptr(), certificates.as_ptr(), ptr::null_mut(), source.bio, ptr::null_mut(), flags.bits())
    })
}
