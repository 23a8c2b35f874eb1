#!/usr/bin/env bash
set -eu
case ${1-} in --packages) ;; *) exit 2 ;; esac
for p in cups cups-client cups-ppdc ghostscript python3-cryptography python3-cups python3-fonttools python3-h11 python3-pypdf python3-reportlab; do echo $p; done
