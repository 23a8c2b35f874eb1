"""What each code means, and what to do about it: the one home of these texts.

``ipps443ctl explain`` shows them; docs/errors.md and ipps443-messages(7) are made of them (``message_pages``). What the
message itself says stands in ``backend.errors``, and what CUPS does in ``backend.exit_status``; only messages that do
not end a run of the backend name the latter here. Text in backquotes is to be typed, or stands so in a file or message.
"""

from __future__ import annotations

from filters.common.dataclass import dataclass


@dataclass(frozen=True)
class Explanation:
    """What is said about one code.

    Attributes:
        cause: what has happened, in whole sentences.
        cure: what to do.
        cups: what CUPS does with job and queue, where no class of errors has the code.
        cases: what to do if the message has certain words; " / " stands between words of which one is enough.
    """

    code: str
    title: str
    cause: str
    cure: str
    cups: str = ""
    severity: str = "ERROR"
    cases: tuple[tuple[str, str], ...] = ()

    @property
    def told(self) -> str:
        """The cause for people, who else take each message for an error."""
        return f"A WARNING. {self.cause}" if self.severity == "WARNING" else self.cause

    def cure_for(self, message: str) -> str:
        """Return what to do about a message: the first case whose words it has, else what always holds."""
        said = message.lower()
        found = (cure for words, cure in self.cases if any(word.lower() in said for word in words.split(" / ")))
        return next(found, self.cure)


#: Letters of the codes, with the headings of their parts and what all of a part have in common.
PARTS = {
    "I": ("ipps443 itself", ""),
    "C": ("Configuration", ""),
    "T": (
        "Trust and TLS",
        "In all of these nothing of the job has gone to whoever was not trusted, no user name and no password either."
        ' If the message says "Maybe it printed", the expected printer had got something of the job before, over a'
        " connection that was trusted; the next run of the job asks what became of it."
        " `ipps443ctl verify HOST` and `sudo ipps443ctl doctor QUEUE` show the fingerprints in full.",
    ),
    "N": ("Network", ""),
    "P": ("Printer", ""),
    "D": ("Document", ""),
    "F": (
        "Filters",
        "The messages of the filters. CUPS keeps the job of a filter that fails: it is in the state"
        " `processing-stopped`, the queue goes on with the next job, and `lpstat -l -o QUEUE` shows the message as"
        ' "Status". The job is not tried again by itself; end it with `cancel JOB`. If a part of the document was on'
        " its way already, the message of the backend follows (D01), and the queue's error policy decides.",
    ),
}

EXPLANATIONS = (
    Explanation(
        "I00",
        "Something without a code of its own",
        "Something went wrong that has no code of its own.",
        "Look at the DEBUG lines before the message in the error log (`cupsctl --debug-logging` turns them on) and "
        "report them.",
    ),
    Explanation(
        "I01",
        "A fault of ipps443",
        "A fault of ipps443 itself.",
        "Nothing is printed twice by it. Report the DEBUG lines before the message; `lp -i JOB -H resume` or "
        "`cupsenable QUEUE` goes on.",
        cups="the job is held if the printer may have it, else the queue stops",
    ),
    Explanation(
        "C01",
        "The device URI is wrong",
        "The device URI cannot be understood, or one of its options is unknown or has a bad value.",
        "`sudo ipps443ctl doctor QUEUE` has the device URI put right, as a command to paste; ipps443(8) lists the "
        'options. An unknown option is never ignored, because a mistyped `pin` must not mean "no pin".',
        cases=(
            (
                "prints what comes",
                "Ports 9100 to 9107 and 515 are refused: printers print what comes there, a TLS handshake too. Take "
                "the port out of the device URI, so that 443 is used: `sudo ipps443ctl doctor QUEUE` has the command.",
            ),
            (
                "contradict",
                "Two options of the device URI exclude each other; take one of them out. A pin is compared by hand, "
                "with `trust=ca` a CA vouches for the name. `sudo ipps443ctl doctor QUEUE` has the command.",
            ),
        ),
    ),
    Explanation(
        "C03",
        "Started with the wrong arguments",
        "The backend was started with the wrong arguments, by hand or by a script.",
        "Print with `lp`. A script starts it as CUPS does: `ipps443 job-id user title copies options [file ...]`, "
        "with `DEVICE_URI` set.",
    ),
    Explanation(
        "C04",
        "A client certificate, or the installation",
        "The message names one of two things. Either the client certificate that the device URI names "
        "(`clientcert=LABEL`) is missing, cannot be read by lp, or does not fit its key. Or a package or a file of the "
        "installation of ipps443 is missing or damaged.",
        "`sudo ipps443ctl doctor QUEUE` names the file and the command that puts it right. The installation is "
        "damaged: run `install.sh` again; it completes what is missing and keeps pins and queues.",
        cases=(
            (
                "may not read",
                "The file is there, and lp may not read it: `chown root:lp FILE` and `chmod 0640 FILE` for the file "
                "of the message, in `/etc/cups/ipps443/clients/`; `sudo ipps443ctl doctor QUEUE` has the whole "
                "command. Then: `cupsenable QUEUE`.",
            ),
            (
                "queue: missing",
                "The file is not there. Put it there: `install -o root -g lp -m 0640 FILE "
                "/etc/cups/ipps443/clients/`; certificate and key are `LABEL.pem` and `LABEL.key`, in PEM. Or, if the "
                "printer asks for no certificate, take `clientcert=` out of the device URI. Then: `cupsenable QUEUE`.",
            ),
            (
                "or its key",
                "The certificate cannot be read, or the key belongs to a different one. Put both there anew; then: "
                "`cupsenable QUEUE`.",
            ),
            (
                "a hash alone",
                "With a client certificate the printer's own has to be on file, so that ours is shown to no one else. "
                "Compare its fingerprint, then: `ipps443ctl pin HOST --replace`.",
            ),
        ),
    ),
    Explanation(
        "C06",
        "The secret of this machine is missing",
        "The secret of this machine, under which jobs are marked at printers, is missing or cannot be used.",
        "Run `sudo ipps443ctl secret`, which makes it. Until then jobs are marked under a secret that lp keeps in its "
        "cache folder, and whoever deletes that folder while a job is being printed takes from the next run the way "
        "to find it.",
        cups="the job goes on",
        severity="WARNING",
        cases=(
            (
                "Permission denied",
                "The secret is there, and lp cannot read it, or cannot go into its folder. Do not make a new one: "
                "`sudo ipps443ctl doctor` names what is closed, and the command that opens it.",
            ),
        ),
    ),
    Explanation(
        "C07",
        "A job is missing in the audit log",
        "The audit log cannot be written, or a line of the settings about it is not understood. The job prints all "
        "the same.",
        "`sudo ipps443ctl doctor` names what is wrong with `/var/log/ipps443/audit.log` and its folder, and the "
        "command that fixes it. Make room if the disk is full. `ipps443ctl set audit=required` holds jobs instead "
        "of printing them without a record, and `audit=no` keeps no log.",
        cups="the job goes on",
        severity="WARNING",
    ),
    Explanation(
        "C08",
        "An audit record was not passed on",
        "The setting `audit-forward` wants audit records in the system's log, and that does not take them. They are "
        "in the audit log.",
        "Start the service: `syslog` needs one that has `/dev/log`, such as rsyslog, and `journal` needs systemd's "
        "journal. Or turn it off: `sudo ipps443ctl set audit-forward=no`.",
        cups="the job goes on",
        severity="WARNING",
    ),
    Explanation(
        "C09",
        "Held because the audit log cannot be written",
        "The setting `audit=required` wants a record of each job, and the audit log cannot be written. The document "
        "was not sent.",
        "`sudo ipps443ctl doctor` names what is wrong, and the command that fixes it; make room if the disk is full. "
        "Then release the job: `lp -i JOB -H resume`.",
    ),
    Explanation(
        "C10",
        "The settings cannot be read",
        "The settings in `/etc/cups/ipps443/ipps443.conf` cannot be read, or others than root could have written "
        "them. They may demand a record of each job, so nothing was sent.",
        "`sudo ipps443ctl doctor` names the reason and the command that fixes it. Then: `cupsenable QUEUE`.",
    ),
    Explanation(
        "C11",
        "The keys of connections are kept",
        "A trace with `keys` is on for this queue. Whoever records the network and gets its file can read the job, and "
        "a password that goes to the printer.",
        "Turn it off as soon as it has done its work: `sudo ipps443ctl trace QUEUE off`, which also deletes the keys. "
        "If the device URI says `trace=keys`, take that out with `lpadmin -p QUEUE -v`.",
        cups="the job goes on",
        severity="WARNING",
    ),
    Explanation(
        "C12",
        "A trace cannot be written",
        "A trace of the job is wanted, and its files cannot be made.",
        "`sudo ipps443ctl doctor` looks at the folder `/var/cache/cups/ipps443/`; make room if the disk is full.",
        cups="the job goes on",
        severity="WARNING",
    ),
    Explanation(
        "T01",
        "No pin for the printer",
        "No pin is on file for this host and port. A pin for a different name or address of the same printer does not "
        "count.",
        "If `ipps443ctl list` shows the printer under a different name, use that name in the device URI. Else compare "
        'the fingerprint that `ipps443ctl verify HOST` shows with the one that the printer shows (README, "Checking a '
        'certificate by hand"); if they are the same, run the command of the message, which also enables the queue.',
    ),
    Explanation(
        "T02",
        "A different certificate",
        "The printer presents a different certificate than the one that was pinned. `ipps443ctl verify HOST` shows "
        "both fingerprints.",
        "Find out why first, and leave the queue stopped until then. If no one changed anything, someone else may be "
        "answering in the printer's place, or the address has gone to a different printer: `ipps443ctl list` may show "
        "the new key under a different name. If the printer was replaced or got a new certificate, compare the new "
        "fingerprint at the printer itself, not on the network, and run the command of the message. A printer with "
        "two keys shows now its RSA certificate and now its EC certificate, mostly after new firmware: compare the "
        "second one as well, and pin it beside the first, without `--replace`.",
        cases=(
            (
                "pin= in the URI",
                "The pin that does not fit stands in the device URI (`pin=`), and the pin file does not count for this "
                "queue; of several such pins none fits. Ask who changed the printer, and compare the new fingerprint "
                "at the printer itself; if it differs there too, it is not your printer. Then change the URI: `sudo "
                "ipps443ctl doctor QUEUE` has the `lpadmin` command.",
            ),
        ),
    ),
    Explanation(
        "T03",
        "The certificate is out of its dates",
        "The certificate is the pinned one but out of its dates, and the device URI has `expired=refuse`; without it "
        "the job prints, because the pin proves the printer.",
        "Look at the clock of this machine (`date`). Make a new certificate at the printer, compare it, and pin it; or "
        "take `expired=refuse` out of the device URI. `sudo ipps443ctl doctor QUEUE` has both commands.",
    ),
    Explanation(
        "T04",
        "The certificate is refused",
        "The certificate cannot be read, its key is too weak, or a CA did not vouch for it; the message says which.",
        "`sudo ipps443ctl doctor QUEUE` has the command for the reason in the message. Weak or unreadable: give the "
        "printer a new certificate (RSA with 2048 bits or more, or an EC key). Old printers that cannot: `tls=legacy`, "
        "see ipps443(8).",
        cases=(
            (
                "no CA on file / not one of the CAs",
                "The CA that signed it is not the one on file for this printer. Get that CA's certificate from who "
                "runs it, then: `ipps443ctl import FILE HOST --ca`. A printer that does not send its intermediate "
                "certificate needs that one imported too. Or compare the printer's own certificate, and pin it: "
                "`ipps443ctl pin HOST`.",
            ),
            (
                "a CA signed it for / different name / different address / no name for hosts",
                "The CA is the right one, and the certificate is for a different name than the device URI has. Use "
                "that name in the device URI, or compare and pin the certificate itself: `ipps443ctl pin HOST`. "
                "Importing the CA again does not help. A name in the subject alone (no subjectAltName) does not count.",
            ),
            (
                "for clients only",
                "Make a certificate for servers at the printer, or compare and pin this one: `ipps443ctl pin HOST`.",
            ),
        ),
    ),
    Explanation(
        "T05",
        "The pin file cannot be used",
        "The pin file is missing, cannot be read by `lp`, may be written by others than root, or has a line that "
        "cannot be understood.",
        "`sudo ipps443ctl doctor` names the command that puts it right; then: `cupsenable QUEUE`. The file is "
        "`/etc/cups/ipps443/pins`, of `root:lp`, mode 0640. The folders above it and links on the way belong to root "
        "too and can be written by no one else; so do CA files and client certificates beside it.",
        cases=(
            (
                ", line ",
                "The message names the line. Correct it with an editor, or delete it; then: `cupsenable QUEUE`.",
            ),
            (
                "does not exist",
                "The pins of all printers are gone. Restore `/etc/cups/ipps443/pins` from a backup (of `root:lp`, mode "
                "0640), then `cupsenable QUEUE`; or pin each printer anew, once its fingerprint is compared: "
                "`ipps443ctl pin HOST`, which enables its queues.",
            ),
            (
                "others may / belongs to user / is a link of user",
                "Someone other than root could have changed the pins. Close the file or folder of the message again: "
                "`sudo ipps443ctl doctor QUEUE` has the command. Then, before `cupsenable QUEUE`, look at `ipps443ctl "
                "list`, and compare the pins with a backup, or with what the printers themselves show.",
            ),
            (
                "may not read it",
                "The file is there, and lp may not read it, or not go into its folder: `sudo ipps443ctl doctor QUEUE` "
                "has the command. Then: `cupsenable QUEUE`.",
            ),
        ),
    ),
    Explanation(
        "T06",
        "No agreement on TLS",
        "Printer and queue have no TLS version or cipher suite in common, or the printer ended the handshake with an "
        "alert.",
        "`sudo ipps443ctl doctor QUEUE` has the command. `handshake failure` says that the printer likes nothing that "
        "was offered, mostly because its certificate or its cipher suites are out of date: make a new certificate at "
        "the printer, turn on TLS 1.2, look for new firmware, switch it off and on; `ipps443ctl probe HOST` looks for "
        "TLS options that work. What OpenSSL no longer has (3DES, RC4, SSLv3) cannot be turned on.",
        cases=(
            (
                "unrecognized name",
                "The printer knows itself by a different name than the device URI has. Use its own name there, or "
                "`sni=no`, which sends none: `sudo ipps443ctl doctor QUEUE` has the command.",
            ),
            (
                "protocol version / unsupported protocol / wrong ssl version",
                "The printer has no TLS 1.2, or it is turned off. Turn it on at the printer, or look for new firmware. "
                "Only if it is too old for that, set `tls=legacy` for this queue (it needs a pin; someone on the "
                "network can send such alerts too): `sudo ipps443ctl doctor QUEUE` has the command.",
            ),
        ),
    ),
    Explanation(
        "T07",
        "No TLS on this port",
        "Something answered on the port, but not with TLS.",
        "Turn on HTTPS or IPPS at the printer, then: `cupsenable QUEUE`. Or correct the port in the device URI: `sudo "
        "ipps443ctl doctor QUEUE` looks whether port 443 answers there, and has the command.",
    ),
    Explanation(
        "T08",
        "The pin file was not changed",
        "The pin file, or a certificate beside it, could not be changed; it is as it was before.",
        "Pins are written by root only: run the command with sudo, and look for a full or read-only file system.",
    ),
    Explanation(
        "T09",
        "No change to TLS",
        "With `tls=upgrade` (RFC 2817) the printer does not change to TLS on this port.",
        "Take `tls=upgrade` out of the device URI, and the port too if it is one without TLS (631), so that 443 is "
        "used: `sudo ipps443ctl doctor QUEUE` has the command. Or turn on TLS at the printer.",
    ),
    Explanation(
        "T10",
        "No CA vouches for the certificate",
        "With `trust=ca` or `trust=system`, or for a printer pinned by a CA, no expected CA vouches for the "
        "certificate, or its name or dates are wrong.",
        "The message gives OpenSSL's reason; `ipps443ctl verify HOST` shows what the printer presents. T04 says what "
        "to do about each reason. If no CA is meant, compare the printer's own certificate, and pin it.",
    ),
    Explanation(
        "T11",
        "The client certificate",
        "The printer demands a client certificate, and the queue has none, or refuses the one it has.",
        "Put `LABEL.pem` and `LABEL.key` into `/etc/cups/ipps443/clients/` and `clientcert=LABEL` into the device "
        "URI, or turn the demand off at the printer. `sudo ipps443ctl doctor QUEUE` has the command.",
        cases=(
            (
                "refuses the client certificate",
                "`unknown ca`: the printer does not know the CA that signed the client certificate. Import that CA at "
                "the printer, or get a certificate from a CA that it knows, and put it into "
                "`/etc/cups/ipps443/clients/`. `certificate expired`: renew it. Then: `cupsenable QUEUE`.",
            ),
        ),
    ),
    Explanation(
        "N01",
        "The printer cannot be reached",
        "No connection: the name has no address, the connection was refused or timed out, or the handshake was cut "
        "off.",
        "Nothing answers at all, not even a refusal. In the order of what is likely: the printer is off or asleep; its "
        "cable or wireless is off; it has a different address now (its panel shows it); a firewall is between. Try "
        "`ping HOST`. `sudo ipps443ctl doctor QUEUE` tries again. Jobs wait, and print by themselves.",
        cases=(
            (
                "no address / name resolution",
                "The name of the printer is not known. It is misspelt in the device URI, or DNS does not have it (any "
                "more): `getent hosts HOST`. Correct the name: `sudo ipps443ctl doctor QUEUE` has the command.",
            ),
            (
                "connection refused",
                "Something at this address is on, and takes no connection at this port. `sudo ipps443ctl doctor QUEUE` "
                "looks which other ports of printers answer there. If 443 or 631 does, the port in the device URI is "
                "wrong, and doctor has the command, unless 631 is plain IPP; then, and if others do, IPPS is turned "
                "off at the printer; if none does, the printer is just starting, its printing is turned off, or the "
                "address belongs to a different device now. Jobs wait, and print by themselves.",
            ),
            (
                "handshake / closed the connection",
                "Something answers and cuts the TLS handshake off. In the order of what is likely: the printer hangs "
                "(switch it off and on); the port is none for TLS; the first TLS message is too large for it "
                "(`tls=1.2-only`). `sudo ipps443ctl doctor QUEUE` tries the last two, and has the command.",
            ),
        ),
    ),
    Explanation(
        "N02",
        "The connection was lost",
        "The connection was lost in the middle of the job, or an answer of the printer had no end.",
        "Look at the printer; then release the job or cancel it. A printer that only needs longer for its answers: "
        "`timeout=read:SECONDS`.",
    ),
    Explanation(
        "N03",
        "Waited for too long",
        "The printer stayed out of reach or busy for as long as this queue waits (`contimeout`; a few seconds in a "
        "class, so that the next member gets the job).",
        "The message ends with the last reason; put that right, then print again, or release the job. To wait longer: "
        "`contimeout=SECONDS` in the device URI.",
    ),
    Explanation(
        "N04",
        "The TLS handshake takes too long",
        "The printer takes the connection, and the TLS handshake is not made in time.",
        "Look whether the port in the device URI is one for TLS (mostly 443); if the printer hangs, switch it off and "
        "on. If it only serves someone else, nothing needs to be done: the first handshake gets 30 seconds, later ones "
        "60, 120 and 240. A printer that is always so slow prints sooner with `timeout=handshake:SECONDS` in the "
        "device URI; one for which the first TLS message is too large wants `tls=1.2-only`. `sudo ipps443ctl doctor "
        "QUEUE` tries that, and has both commands.",
    ),
    Explanation(
        "N05",
        "A port that never says anything",
        "A port takes connections and has never said a byte, neither now, in four handshakes in a row, nor in an "
        "earlier job.",
        "That is no port for TLS; one for raw data has printed the four hellos. Correct the port in the device URI "
        "(443, sometimes 631), or, if the printer was only busy for very long, enable the queue again. If it answers "
        "`openssl s_client -tls1_2 -connect HOST:PORT`, see N04.",
    ),
    Explanation(
        "P01",
        "Refused by the printer's web server",
        "The printer's web server refuses what all jobs begin with, or redirects it.",
        "`sudo ipps443ctl doctor QUEUE` has the command for the status in the message. HTTP 5xx other than 501: switch "
        "the printer off and on, then: `cupsenable QUEUE`.",
        cases=(
            (
                "HTTP 404 / HTTP 405 / HTTP 410",
                "The path in the device URI is wrong, or IPP is turned off at the printer. Usual paths are "
                "`/ipp/print`, `/ipp`, `/ipp/port1`, `/ipp/lp`, `/`, `/printer` and `/ipp/printer`: `sudo ipps443ctl "
                "doctor QUEUE` tries them and has the command. If none of them answers, turn IPP on, or look in the "
                "printer's manual for the path.",
            ),
            (
                "HTTP 301 / HTTP 302 / HTTP 303 / HTTP 307 / HTTP 308",
                "The printer points to a different place, which the message names. If `ipps443ctl probe` finds a "
                "printer there, put it into the device URI: `sudo ipps443ctl doctor QUEUE` has both commands.",
            ),
            (
                "HTTP 403 / HTTP 451",
                "The printer does not serve this computer. Put its address into the access list on the printer's web "
                "page; then: `cupsenable QUEUE`.",
            ),
            (
                "HTTP 501",
                "There is no IPP on this port. Turn it on at the printer, or correct the port in the device URI; then: "
                "`cupsenable QUEUE`.",
            ),
            (
                "HTTP 411 / HTTP 417",
                "It was given the length and still asks for it. Try `transfer=chunked` in the device URI, else new "
                "firmware.",
            ),
            ("HTTP 421", "Use the printer's own name in the device URI."),
        ),
    ),
    Explanation(
        "P02",
        "Refused by the printer, for all jobs",
        "The printer answered with an IPP error that every job would get.",
        "The word in the message is the one of RFC 8011; `sudo ipps443ctl doctor QUEUE` tries what helps against it. "
        "What concerns one job or one user is P21, P22 or P23.",
        cases=(
            (
                "not-found / error-gone / operation-not-supported",
                "The path in the device URI is wrong, or the printer does not print by IPP there: `sudo ipps443ctl "
                "doctor QUEUE` tries the usual paths, and has the command.",
            ),
            (
                "uri-scheme-not-supported",
                "The port in the device URI is wrong, or the path: the port of printers for IPP over TLS is mostly "
                "443. `sudo ipps443ctl doctor QUEUE` looks.",
            ),
            (
                "version-not-supported",
                "The printer has only an old version of IPP. Set `version=1.1` in the device URI: `sudo ipps443ctl "
                "doctor QUEUE` has the command.",
            ),
        ),
    ),
    Explanation(
        "P03",
        "The printer is busy",
        "The printer says that it cannot take a job now.",
        "Nothing is to be done unless it stays so: then look at the printer, which may hold a job that waits for "
        "someone, and switch it off and on.",
        cases=(
            (
                "takes no jobs",
                "Someone, or the printer itself, has turned its taking of jobs off (`printer-is-accepting-jobs` is "
                "false). Turn it on at its panel or web page (online, ready, resume); waiting alone does not help. The "
                "job prints by itself then.",
            ),
        ),
    ),
    Explanation(
        "P04",
        "The document is refused",
        "The printer does not take this kind of document, or finds this one damaged or protected.",
        "If the message says that the printer takes no such type, choose the printer description for a language that "
        "it has: `lpinfo -m`, `lpadmin -p QUEUE -m ...`; `sudo ipps443ctl doctor QUEUE` names it. If it could not "
        "read this document, no description helps: save the document anew, or print it as PDF; a protected one, save "
        "without protection.",
    ),
    Explanation(
        "P05",
        "The job is too large",
        "The printer refuses the job as too large, also with its length announced.",
        "Print fewer pages at a time, or with a lower resolution.",
    ),
    Explanation(
        "P06",
        "A user name and password are wanted",
        "The printer wants a user name and a password, or refuses the ones it got. They are sent only to a printer "
        "whose pin matched; what CUPS asked for with the job counts when the printer refuses what stands in the device "
        "URI.",
        "Release the job in the web interface (http://localhost:631/jobs), which asks for them; or print again with "
        "`lp -d QUEUE -o auth-info=USER,PASSWORD FILE`, and `cancel JOB`. For all jobs of the queue: `lpadmin -p QUEUE "
        "-E -v 'ipps443://USER:PASSWORD@HOST/ipp/print'`. Do not add them to the waiting job with `lp -i`: cupsd 2.4 "
        "does not use them then, and shows them in process lists.",
        cases=(
            (
                "of the device URI",
                "User name or password in the device URI are wrong. Correct them: `lpadmin -p QUEUE -E -v "
                "'ipps443://USER:PASSWORD@HOST/ipp/print'`, then release the job: `lp -i JOB -H resume`. Until then "
                "a job can be released in the web interface, which asks for others.",
            ),
        ),
    ),
    Explanation(
        "P07",
        "Cancelled at the printer",
        "The job was accepted and then cancelled at the printer.",
        "Nothing is to be done; print again if it was a mistake.",
    ),
    Explanation(
        "P08",
        "The printer gave the job up",
        "The printer accepted the job and gave it up.",
        "The message gives the printer's own words and its reason, if it has any. If it only says "
        "`aborted-by-system`, look at the printer's panel. Then release the job with `lp -i JOB -H resume`, which "
        "prints it again, or `cancel JOB`. If it is given up again: `sudo ipps443ctl doctor QUEUE` looks whether the "
        "printer takes what the queue's description makes, and `sudo ipps443ctl trace QUEUE on` shows the printer's "
        "answers.",
    ),
    Explanation(
        "P09",
        "Printed or not: unknown",
        "The document went out, or part of it, and nothing can clear up whether the printer printed it; or pages of a "
        "part are out.",
        "Look what came out of the printer. If it is complete: `cancel JOB`. If it is not: `lp -i JOB -H resume`, "
        "which prints all of it again. It is not tried again by itself: printing twice is worse than printing late.",
    ),
    Explanation(
        "P10",
        "Not an IPP message",
        "The printer's answer is no IPP message, or a message of ours could not be encoded.",
        "Check the path in the device URI; many web servers answer any path with a page. `ipps443ctl probe HOST` "
        "finds the right one.",
    ),
    Explanation(
        "P11",
        "An answer that is not understood",
        "The printer's answer is not HTTP, or not IPP inside HTTP.",
        "Something other than IPP answers at this port and path: `text/html` is a page for browsers. `sudo ipps443ctl "
        "doctor QUEUE` tries the usual paths and has the command. If none answers, turn IPP on at the printer, or look "
        "in its manual for the path.",
    ),
    Explanation(
        "P12",
        "No copy to send again",
        "The printer refused the document in a way that sending it again would fix, and no copy was kept (`spool=no`, "
        "or no room).",
        "Nothing was printed: release the job with `lp -i JOB -H resume`, and take `spool=no` out of the device URI.",
    ),
    Explanation(
        "P13",
        "Lost again and again",
        "Whenever the document was sent, the connection broke; what the printer had of it was cancelled unprinted.",
        "Look at the printer and the network, then release the job with `lp -i JOB -H resume`.",
    ),
    Explanation(
        "P14",
        "Printed in part",
        "Some copies or parts of a document are printed, and the rest is not, for the reason in the message.",
        "Remove the reason; then release the job with `lp -i JOB -H resume`, which prints the rest, or cancel it. `lp "
        "-i JOB -H restart`, once it is cancelled, prints all of it.",
    ),
    Explanation(
        "P21",
        "This job is refused",
        "The printer refuses this job for what it is or asks for, or fails whenever it gets it; the message has the "
        "printer's status and its own words.",
        "The queue goes on with the next job. Print the document again with other options "
        "(`client-error-conflicting-attributes`: two of them do not go together; "
        "`client-error-request-value-too-long`: a title or user name is too long; `client-error-bad-request`: try "
        "without options), and cancel this one. An HTTP status in the message is the printer's web server, or "
        "something in front of it, that refuses this document after it has answered the question before it: `HTTP "
        "404` then is the path at printers that answer questions at any path. If all jobs of a queue are held like "
        "this, the printer has a fault: switch it off and on, look for new firmware.",
        cases=(
            (
                "conflicting-attributes",
                "Two options of the job do not go together at this printer, and will not when it is released; the "
                "attributes in brackets are those that the printer names. Print the document again with other options "
                "(sides, trays, finishing), then `cancel JOB`. A job without options has the queue's defaults, which "
                "`lpoptions -p QUEUE -l` shows; `sudo ipps443ctl trace QUEUE on` shows what goes to the printer.",
            ),
            (
                "instead [P21]",
                "Print the document again as the message says, then `cancel JOB`.",
            ),
        ),
    ),
    Explanation(
        "P22",
        "The user's account",
        "The printer refuses the job for its user's account: a quota is used up, the account is closed, or the "
        "printer wants to know which one to charge.",
        "The message has the printer's own words, and `lpstat -l -o` may show `account-limit-reached` or the like. "
        "Jobs of other users print. Raise the quota or open the account where the printer's accounts are kept; then "
        "release the job with `lp -i JOB -H resume`.",
    ),
    Explanation(
        "P23",
        "This user may not print",
        "The printer does not let this user print: its access list does not have the user's name, or (`HTTP 403`) it "
        "accepts no documents from this computer.",
        "Jobs of other users print. Allow the user at the printer (the name is the one that `lpstat -o` shows), then "
        "release the job with `lp -i JOB -H resume`.",
    ),
    Explanation(
        "P24",
        "The job's PIN",
        "The job asks for a PIN (`lp -o job-password=...`), and the printer cannot take it, refuses it or ignores it; "
        "the message says which.",
        "It never prints without its PIN. Nothing of the document was sent. Print it again with a PIN that the "
        "printer takes: its length and characters, and whether it takes one at all, stand in the message; digits do "
        "nearly everywhere. CUPS cannot pass on blanks, quotes, braces and backslashes in a PIN; an option that "
        "no one knows right behind it is taken for its rest. To print without a PIN, print again without the option.",
    ),
    Explanation(
        "P25",
        "Completed, but not printed",
        "The printer calls the job completed, and says that it printed nothing: the data could not be unpacked or "
        "reached, or an error came before the first page.",
        "The message has the printer's own words. Look at the printer, then release the job with `lp -i JOB -H "
        "resume`, or cancel it.",
    ),
    Explanation(
        "P26",
        "A listed format is refused",
        "The printer says that it takes a format, and refuses documents of it under that name, as "
        "`application/octet-stream`, and without a name. The queue's description makes this format.",
        "Nothing was printed. Run the command of the message: the refusal is remembered for 30 days, or until the "
        "printer has different firmware, and the queue gets a description for the next format that the printer lists. "
        "Then release the job with `lp -i JOB -H resume`; CUPS makes the document anew. `ipps443ctl forget HOST` "
        "forgets the refusal.",
    ),
    Explanation(
        "P27",
        "The printer waits for someone",
        "The printer has the job, or a part of it, and has stopped: no paper, an open door, a jam. The message has our "
        "word for it and, in parentheses, the printer's own.",
        "Go to the printer and do what it asks for. This is said in the queue at once, and in the error log after 1, "
        "10 and 60 minutes.",
        cups="the job goes on by itself when that is done",
        severity="WARNING",
    ),
    Explanation(
        "P28",
        "A job that is to wait for its owner",
        "The job asks to be kept at the printer until someone releases it there (`lp -o job-release-action=...`), in a "
        "way that ipps443 cannot ask a printer for.",
        "It never prints openly. Nothing of the document was sent. Print it again with a PIN, "
        "`lp -o job-password=...`, or without the option.",
    ),
    Explanation(
        "P29",
        "A picture is made anew",
        "A JPEG file went to the printer as it is, because its queue's description says that the printer takes that. "
        "It refuses JPEG, or does not list it any more.",
        "The printer has printed nothing of the picture, and nothing is lost: CUPS runs the job again at once, and its "
        "pages are made here, as with all later pictures for 30 days, or until the printer has different firmware. "
        "`ipps443ctl forget HOST` forgets the refusal, `ipps443ctl refresh QUEUE` makes the description true.",
        severity="WARNING",
    ),
    Explanation(
        "D01",
        "The data ends too early",
        "The job's data ended before the document did: a filter died.",
        "The filter's own message stands above this one in the error log. One that was killed has none: where memory "
        "was short, the log of the kernel (`dmesg`) names it.",
    ),
    Explanation(
        "D02",
        "A file of the job cannot be read",
        "A file of the job, or what its filters write, cannot be read.",
        "Look at the spool folder and its permissions: `/var/spool/cups` belongs to root and group lp. Then print "
        "again.",
    ),
    Explanation(
        "D03",
        "No room for the copy",
        "The folder for temporary files is full.",
        "Make room in the folder that the message names, usually `/var/spool/cups/tmp`.",
    ),
    Explanation(
        "D04",
        "A file of no known type",
        "The file is of a type that CUPS does not know, and it does not look like PCL, PJL, PostScript, PDF, XPS or "
        "anything else that is made for printers: a program, an archive, an office document. The printer would print "
        "it as sheets of odd characters.",
        "Print the file from its program, or save it as PDF. Text in EBCDIC has no type either: `lp -o "
        "document-format=text/plain -o text-charset=cp037`. What is meant for this very printer goes with `lp -o "
        "raw`; queues without a printer description send everything.",
    ),
    Explanation(
        "D05",
        "An earlier document was interrupted",
        "The program that printed an earlier document of the job was killed, and CUPS went on to the next document.",
        "Look whether that document is on paper. `lp -i JOB -H resume` asks the printer for it, and goes on with it; "
        "documents that are printed are left out.",
    ),
    Explanation(
        "D06",
        "No record of the job",
        "No record of the job can be written, for the reason in the message.",
        "The record keeps a job from being printed twice when the print service is interrupted. Make room in the "
        "folder that the message names, or run `sudo ipps443ctl doctor`, which names the command that fixes it. "
        "Until then the record is in a folder below `/var/tmp` that belongs to lp alone, or in memory"
        " (`/dev/shm`) if no disk takes it.",
        cups="the job goes on",
        severity="WARNING",
    ),
    Explanation(
        "D07",
        "Printed in part, before the queue changed",
        "A job of several documents was moved, or its queue got a different description, when some of it was printed; "
        "on the one queue CUPS hands the documents over one by one, on the other joined into one (ipps443(8), JOBS OF "
        "SEVERAL DOCUMENTS), so it cannot be told what is printed.",
        "Look at the printer. `lp -i JOB -H resume` prints all of the job; if only some documents are missing, cancel "
        "it and print those.",
    ),
    Explanation(
        "F01",
        "A filter was called wrongly",
        "The filter was called with the wrong arguments, by hand or by a script.",
        "Start it as filter(7) says: `texttopcl job-id user title copies options [file ...]`.",
        cups="the job waits until someone cancels it",
    ),
    Explanation(
        "F02",
        "The PDF or picture cannot be printed",
        "The PDF cannot be printed: it is damaged, empty, has no pages, is too large, or is protected.",
        "The message says what to do, mostly: save the document anew, without a password, print that, and `cancel "
        "JOB`. It comes from `pdfcheck443`, which looks at the document as it was sent, or from `pdftopcl`. A size of "
        "paper that the printer description does not allow is told here too. From `imagetopcl` and `imagetopdf443`: "
        "the picture is damaged, cut off, of a different kind than its first bytes say, or has too many pixels. "
        "CUPS's own filter `pdftopdf` finds some of these faults itself, in words of its own and without a code: "
        '"invalid password", "damaged file". Sometimes CUPS shows only "Filter failed"; then the message stands in '
        "the error log. What to do is the same.",
        cups="the job waits until someone cancels it",
    ),
    Explanation(
        "F03",
        "Ghostscript failed",
        "Ghostscript could not be started, gave up in the middle of the document, or could not draw a part of it.",
        "What could not be drawn would be a blank space on paper, so the job is not called printed; pages before it "
        "may be on paper. A picture that cannot be drawn is damaged, or takes more memory than `render-memory` "
        "allows: see F06. Install `ghostscript` if the message says so. Else its own words are in the DEBUG lines of "
        "the error log; save the document anew, or print fewer pages of it.",
        cups="the job waits until someone cancels it",
    ),
    Explanation(
        "F04",
        "The document cannot be read",
        "The document cannot be read, or the print data cannot be written; the message gives the system's reason.",
        "Look for a full or read-only file system: make room in the folder that the message names, usually "
        "`/var/spool/cups/tmp`. Then `cancel JOB`, and print again.",
        cups="the job waits until someone cancels it",
    ),
    Explanation(
        "F05",
        "A fault of the filter",
        "A fault of the filter itself.",
        "Report the DEBUG lines before the message, with the document if you may. An older version, or another form "
        "of the document, may print.",
        cups="the job waits until someone cancels it",
    ),
    Explanation(
        "F06",
        "A limit was reached",
        "The document takes more memory, time for a page, or output than `render-memory` (1 GiB), "
        "`render-seconds-per-page` (120) or `render-output` (2 GiB) allows; the message names which.",
        "Most such documents are damaged or made to do harm. If it is a good one, print fewer pages of it, or allow "
        "more: `sudo ipps443ctl set QUEUE render-memory=2G`, and print again.",
        cups="the job waits until someone cancels it",
    ),
    Explanation(
        "F07",
        "The settings",
        "The settings in `/etc/cups/ipps443/ipps443.conf`. As an ERROR: the file cannot be read, or someone other "
        "than root could have written it, by its own mode and owner or those of a folder above.",
        "As a WARNING: a line of it makes no sense and does not count; the job goes on. `sudo ipps443ctl doctor` says "
        "which line, and what fixes it.",
        cups="the job waits until someone cancels it",
    ),
    Explanation(
        "F10",
        "A spooled file that only the IBM i can convert",
        "A spooled file of IBM i that is not *SCS: *AFPDS, *IPDS, *LINE, or *AFPDSLINE (records mixed with AFP), as "
        "the message says. Only the IBM i can convert these.",
        "On the IBM i: `DEVTYPE(*SCS)` in the printer file (`OVRPRTF`, `CHGPRTF`), for *AFPDS also `CHGOUTQ OUTQ(...) "
        "TRANSFORM(*YES) MFRTYPMDL(*HP4)` for the output queue. Records of *LINE print as text with "
        "`text-charset=cp037`, or the code page that they are in. Then `cancel JOB`, and send the file again. See "
        "ipps443-ibmi(7).",
        cups="the job waits until someone cancels it",
    ),
    Explanation(
        "F11",
        "A spooled file that is converted already",
        "A spooled file of IBM i that the Host Print Transform has made into print data already, on a queue whose "
        "printer takes PDF.",
        "On the IBM i: `CHGOUTQ OUTQ(...) TRANSFORM(*NO)`. Then `cancel JOB`, and send the file again.",
        cups="the job waits until someone cancels it",
    ),
)
