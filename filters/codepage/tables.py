"""Single-byte EBCDIC code pages of IBM i, each as the characters of its codes 40 to FE.

Registered by IBM under these numbers (CDRA, Character Data Representation Architecture). A code that a page does not
assign is U+FFFD. Codes below 40 are controls in all of them, and FF is one too: no page has them here. Where the C
library, ICU and Python differ about a code, the letters are those of ICU, which IBM's own tables are part of.
"""

from __future__ import annotations

#: Characters by number of the page, 191 each.
PAGES: dict[str, str] = {
    # USA, Canada, Netherlands, Portugal, Brazil, Australia
    "037": (
        " \u00a0âäàáãåçñ¢.<(+|"
        "&éêëèíîïìß!$*);¬"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌ`:#@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ¤"
        "µ~stuvwxyz¡¿ÐÝÞ®"
        "^£¥·©§¶¼½¾[]¯¨´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # International, old
    "256": (
        " \u00a0âäàáãåçñ[.<(+!"
        "&éêëèíîïìß]$*);^"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌ`:#@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ¤"
        "µ~stuvwxyz¡¿ÐÝÞ®"
        "¢£¥₧ƒ§¶¼½¾¬|¯¨´‗"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\\u2003STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Germany, Austria
    "273": (
        " \u00a0â{àáãåçñÄ.<(+!"
        "&éêëèíîïì~Ü$*);^"
        "-/Â[ÀÁÃÅÇÑö,%_>?"
        "øÉÊËÈÍÎÏÌ`:#§'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ¤"
        "µßstuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©@¶¼½¾¬|¯¨´×"
        "äABCDEFGHI\u00adô¦òóõ"
        "üJKLMNOPQR¹û}ùúÿ"
        "Ö÷STUVWXYZ²Ô\\ÒÓÕ"
        "0123456789³Û]ÙÚ"
    ),
    # Belgium, old
    "274": (
        " \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd[.<(+!"
        "&\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd]$*);^"
        "-/\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdù,%_>?"
        "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd`:#à'=\""
        "\ufffdabcdefghi\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffdjklmnopqr\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffd¨stuvwxyz\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "éABCDEFGHI\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "èJKLMNOPQR\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "ç\ufffdSTUVWXYZ\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "0123456789\ufffd\ufffd\ufffd\ufffd\ufffd"
    ),
    # Brazil, old
    "275": (
        " \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdÉ.<(+!"
        "&\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd$Ç*);^"
        "-/\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdç,%_>?"
        "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdã:ÕÃ'=\""
        "\ufffdabcdefghi\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffdjklmnopqr\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffd~stuvwxyz\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "õABCDEFGHI\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "éJKLMNOPQR\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\\\ufffdSTUVWXYZ\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "0123456789\ufffd\ufffd\ufffd\ufffd\ufffd"
    ),
    # Denmark, Norway
    "277": (
        " \u00a0âäàáã}çñ#.<(+!"
        "&éêëèíîïìß¤Å*);^"
        "-/ÂÄÀÁÃ$ÇÑø,%_>?"
        "¦ÉÊËÈÍÎÏÌ`:ÆØ'=\""
        "@abcdefghi«»ðýþ±"
        "°jklmnopqrªº{¸[]"
        "µüstuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©§¶¼½¾¬|¯¨´×"
        "æABCDEFGHI\u00adôöòóõ"
        "åJKLMNOPQR¹û~ùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Finland, Sweden
    "278": (
        " \u00a0â{àáã}çñ§.<(+!"
        "&`êëèíîïìß¤Å*);^"
        "-/Â#ÀÁÃ$ÇÑö,%_>?"
        "ø\\ÊËÈÍÎÏÌé:ÄÖ'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ]"
        "µüstuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©[¶¼½¾¬|¯¨´×"
        "äABCDEFGHI\u00adô¦òóõ"
        "åJKLMNOPQR¹û~ùúÿ"
        "É÷STUVWXYZ²Ô@ÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Italy
    "280": (
        " \u00a0âä{áãå\\ñ°.<(+!"
        "&]êë}íîï~ßé$*);^"
        "-/ÂÄÀÁÃÅÇÑò,%_>?"
        "øÉÊËÈÍÎÏÌù:£§'=\""
        "Øabcdefghi«»ðýþ±"
        "[jklmnopqrªºæ¸Æ¤"
        "µìstuvwxyz¡¿ÐÝÞ®"
        "¢#¥·©@¶¼½¾¬|¯¨´×"
        "àABCDEFGHI\u00adôö¦óõ"
        "èJKLMNOPQR¹ûü`úÿ"
        "ç÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Japan, Latin letters, old
    "281": (
        " \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd£.<(+|"
        "&\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd!¥*);¬"
        "-/\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd¦,%_>?"
        "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd`:#@'=\""
        "\ufffdabcdefghi\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffdjklmnopqr\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffd‾stuvwxyz\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "{ABCDEFGHI\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "}JKLMNOPQR\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "$\ufffdSTUVWXYZ\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "0123456789\ufffd\ufffd\ufffd\ufffd\ufffd"
    ),
    # Portugal, old
    "282": (
        " \u00a0âäàáãåçñ¢.<(+|"
        "&éêëèíîïìß!$*);¬"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌ`:#@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ¤"
        "µ~stuvwxyz¡¿ÐÝÞ®"
        "^£¥·©§¶¼½¾[]¯¨´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Spain, Latin America
    "284": (
        " \u00a0âäàáãåç¦[.<(+|"
        "&éêëèíîïìß]$*);¬"
        "-/ÂÄÀÁÃÅÇ#ñ,%_>?"
        "øÉÊËÈÍÎÏÌ`:Ñ@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ¤"
        "µ¨stuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©§¶¼½¾^!¯~´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # United Kingdom
    "285": (
        " \u00a0âäàáãåçñ$.<(+|"
        "&éêëèíîïìß!£*);¬"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌ`:#@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ¤"
        "µ¯stuvwxyz¡¿ÐÝÞ®"
        "¢[¥·©§¶¼½¾^]~¨´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Japan, Katakana (half of 930)
    "290": (
        " ｡｢｣､･ｦｧｨｩ£.<(+|"
        "&ｪｫｬｭｮｯ\ufffdｰ\ufffd!¥*);¬"
        "-/abcdefgh\ufffd,%_>?"
        "[ijklmnop`:#@'=\""
        "]ｱｲｳｴｵｶｷｸｹｺqｻｼｽｾ"
        "ｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉr\ufffdﾊﾋﾌ"
        "~‾ﾍﾎﾏﾐﾑﾒﾓﾔﾕsﾖﾗﾘﾙ"
        "^¢\\tuvwxyzﾚﾛﾜﾝﾞﾟ"
        "{ABCDEFGHI\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "}JKLMNOPQR\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "$\ufffdSTUVWXYZ\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "0123456789\ufffd\ufffd\ufffd\ufffd\ufffd"
    ),
    # France
    "297": (
        " \u00a0âä@áãå\\ñ°.<(+!"
        "&{êë}íîïìß§$*);^"
        "-/ÂÄÀÁÃÅÇÑù,%_>?"
        "øÉÊËÈÍÎÏÌµ:£à'=\""
        "Øabcdefghi«»ðýþ±"
        "[jklmnopqrªºæ¸Æ¤"
        "`¨stuvwxyz¡¿ÐÝÞ®"
        "¢#¥·©]¶¼½¾¬|¯~´×"
        "éABCDEFGHI\u00adôöòóõ"
        "èJKLMNOPQR¹ûü¦úÿ"
        "ç÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Arabic
    "420": (
        " \u00a0\u0651\ufe7d\u0640\u200b\u0621\u0622\ufe82\u0623¢.<(+|"
        "&\ufe84\u0624\ufffd\ufffd\u0626\u0627\ufe8e\u0628\ufe91!$*);¬"
        "-/\u0629\u062a\ufe97\u062b\ufe9b\u062c\ufe9f\u062d¦,%_>?"
        "\ufea3\u062e\ufea7\u062f\u0630\u0631\u0632\u0633\ufeb3،:#@'=\""
        "\u0634abcdefghi\ufeb7\u0635\ufebb\u0636\ufebf\u0637"
        "\u0638jklmnopqr\u0639\ufeca\ufecb\ufecc\u063a\ufece"
        "\ufecf÷stuvwxyz\ufed0\u0641\ufed3\u0642\ufed7\u0643"
        "\ufedb\u0644\ufef5\ufef6\ufef7\ufef8\ufffd\ufffd\ufefb\ufefc\ufedf\u0645\ufee3\u0646\ufee7\u0647"
        "\u061bABCDEFGHI\u00ad\ufeeb\ufffd\ufeec\ufffd\u0648"
        "\u061fJKLMNOPQR\u0649\ufef0\u064a\ufef2\ufef3\u0660"
        "×\ufffdSTUVWXYZ\u0661\u0662\ufffd\u0663\u0664\u0665"
        "0123456789\ufffd\u0666\u0667\u0668\u0669"
    ),
    # Greek, old
    "423": (
        " ΑΒΓΔΕΖΗΘΙ[.<(+!"
        "&ΚΛΜΝΞΟΠΡΣ]$*);^"
        "-/ΤΥΦΧΨΩ\ufffd\ufffd\ufffd,%_>?"
        "\ufffdΆΈΉ\ufffdΊΌΎΏ`:£§'=\""
        "Äabcdefghiαβγδεζ"
        "Öjklmnopqrηθικλμ"
        "Ü¨stuvwxyzνξοπρς"
        "\ufffdάέήϊίόύϋώστυφχψ"
        "¸ABCDEFGHI\ufffdωÂàäê"
        "´JKLMNOPQR±éèëîï"
        "°\ufffdSTUVWXYZ½öôûùü"
        "0123456789ÿçÇ\ufffd\ufffd"
    ),
    # Hebrew
    "424": (
        " \u05d0\u05d1\u05d2\u05d3\u05d4\u05d5\u05d6\u05d7\u05d8¢.<(+|"
        "&\u05d9\u05da\u05db\u05dc\u05dd\u05de\u05df\u05e0\u05e1!$*);¬"
        "-/\u05e2\u05e3\u05e4\u05e5\u05e6\u05e7\u05e8\u05e9¦,%_>?"
        "\ufffd\u05ea\ufffd\ufffd\u00a0\ufffd\ufffd\ufffd‗`:#@'=\""
        "\ufffdabcdefghi«»\ufffd\ufffd\ufffd±"
        "°jklmnopqr\ufffd\ufffd\ufffd¸\ufffd¤"
        "µ~stuvwxyz\ufffd\ufffd\ufffd\ufffd\ufffd®"
        "^£¥•©§¶¼½¾[]‾¨´×"
        "{ABCDEFGHI\u00ad\ufffd\ufffd\ufffd\ufffd\ufffd"
        "}JKLMNOPQR¹\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\\÷STUVWXYZ²\ufffd\ufffd\ufffd\ufffd\ufffd"
        "0123456789³\ufffd\ufffd\ufffd\ufffd"
    ),
    # International; Belgium, Switzerland
    "500": (
        " \u00a0âäàáãåçñ[.<(+!"
        "&éêëèíîïìß]$*);^"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌ`:#@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ¤"
        "µ~stuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©§¶¼½¾¬|¯¨´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Korea (half of 933)
    "833": (
        " \ufffdﾠﾡﾢﾣﾤﾥﾦﾧ¢.<(+|"
        "&\ufffdﾨﾩﾪﾫﾬﾭﾮﾯ!$*);¬"
        "-/ﾰﾱﾲﾳﾴﾵﾶﾷ¦,%_>?"
        "[\ufffdﾸﾹﾺﾻﾼﾽﾾ`:#@'=\""
        "]abcdefghiￂￃￄￅￆￇ"
        "\ufffdjklmnopqrￊￋￌￍￎￏ"
        "‾~stuvwxyzￒￓￔￕￖￗ"
        "^\ufffd\\\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffdￚￛￜ\ufffd\ufffd\ufffd"
        "{ABCDEFGHI\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "}JKLMNOPQR\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "₩\ufffdSTUVWXYZ\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "0123456789\ufffd\ufffd\ufffd\ufffd\ufffd"
    ),
    # China (half of 935)
    "836": (
        " \ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd£.<(+|"
        "&\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd!¥*);¬"
        "-/\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd¦,%_>?"
        "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd`:#@'=\""
        "\ufffdabcdefghi\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\ufffdjklmnopqr\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "~‾stuvwxyz\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "^\ufffd\\\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd[]\ufffd\ufffd\ufffd\ufffd"
        "{ABCDEFGHI\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "}JKLMNOPQR\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "$\ufffdSTUVWXYZ\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "0123456789\ufffd\ufffd\ufffd\ufffd\ufffd"
    ),
    # Thai
    "838": (
        " \u00a0กขฃคฅฆง[¢.<(+|"
        "&\u0e48จฉชซฌญฎ]!$*);¬"
        "-/ฏฐฑฒณดต^¦,%_>?"
        "฿\u0e4eถทธนบปผ`:#@'=\""
        "๏abcdefghiฝพฟภมย"
        "๚jklmnopqrรฤลฦวศ"
        "๛~stuvwxyzษสหฬอฮ"
        "๐๑๒๓๔๕๖๗๘๙ฯะ\u0e31าำ\u0e34"
        "{ABCDEFGHI\u0e49\u0e35\u0e36\u0e37\u0e38\u0e39"
        "}JKLMNOPQR\u0e3aเแโใไ"
        "\\\u0e4aSTUVWXYZๅๆ\u0e47\u0e48\u0e49\u0e4a"
        "0123456789\u0e4b\u0e4c\u0e4d\u0e4b\u0e4c"
    ),
    # Latin 2: Czech, Polish, Hungarian and others
    "870": (
        " \u00a0âäţáăčçć[.<(+!"
        "&éęëůíîľĺß]$*);^"
        "-/ÂÄ˝ÁĂČÇĆ|,%_>?"
        "ˇÉĘËŮÍÎĽĹ`:#@'=\""
        "˘abcdefghiśňđýřş"
        "°jklmnopqrłńš¸˛¤"
        "ą~stuvwxyzŚŇĐÝŘŞ"
        "˙ĄżŢŻ§žźŽŹŁŃŠ¨´×"
        "{ABCDEFGHI\u00adôöŕóő"
        "}JKLMNOPQRĚűüťúě"
        "\\÷STUVWXYZďÔÖŔÓŐ"
        "0123456789ĎŰÜŤÚ"
    ),
    # Iceland
    "871": (
        " \u00a0âäàáãåçñÞ.<(+!"
        "&éêëèíîïìßÆ$*);Ö"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌð:#Ð'=\""
        "Øabcdefghi«»`ý{±"
        "°jklmnopqrªº}¸]¤"
        "µöstuvwxyz¡¿@Ý[®"
        "¢£¥·©§¶¼½¾¬|¯¨\\×"
        "þABCDEFGHI\u00adô~òóõ"
        "æJKLMNOPQR¹ûüùúÿ"
        "´÷STUVWXYZ²Ô^ÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Greek
    "875": (
        " ΑΒΓΔΕΖΗΘΙ[.<(+!"
        "&ΚΛΜΝΞΟΠΡΣ]$*);^"
        "-/ΤΥΦΧΨΩΪΫ|,%_>?"
        "¨ΆΈΉ\u00a0ΊΌΎΏ`:#@'=\""
        "΅abcdefghiαβγδεζ"
        "°jklmnopqrηθικλμ"
        "´~stuvwxyzνξοπρσ"
        "£άέήϊίόύϋώςτυφχψ"
        "{ABCDEFGHI\u00adωΐΰ‘―"
        "}JKLMNOPQR±½\ufffd·’¦"
        "\\\ufffdSTUVWXYZ²§\ufffd\ufffd«¬"
        "0123456789³©\ufffd\ufffd»"
    ),
    # Cyrillic, old
    "880": (
        " \ufffdђѓё\ufffdѕіїј[.<(+!"
        "&љњћќ\ufffdџЪ№Ђ]$*);^"
        "-/ЃЁ\ufffdЅІЇЈЉ¦,%_>?"
        "ЊЋЌ\ufffd\ufffdЏюаб\ufffd:#@'=\""
        "цabcdefghiдефгхи"
        "йjklmnopqrклмноп"
        "я\ufffdstuvwxyzрстужв"
        "ьызшэщчъЮАБЦДЕФГ"
        "\ufffdABCDEFGHIХИЙКЛМ"
        "\ufffdJKLMNOPQRНОПЯРС"
        "\\¤STUVWXYZТУЖВЬЫ"
        "0123456789ЗШЭЩЧ"
    ),
    # Turkish, old
    "905": (
        " \ufffdâäàá\ufffdċ{ñÇ.<(+!"
        "&éêëèíîïìßĞİ*);^"
        "-/ÂÄÀÁ\ufffdĊ[Ñş,%_>?"
        "\ufffdÉÊËÈÍÎÏÌı:ÖŞ'=Ü"
        "˘abcdefghiħĉŝŭ\ufffd|"
        "°jklmnopqrĥĝĵ˛\ufffd¤"
        "µöstuvwxyzĦĈŜŬ\ufffd@"
        "·£ż}Ż§]\ufffd½$ĤĜĴ¨´×"
        "çABCDEFGHI\u00adô~òóġ"
        "ğJKLMNOPQR`û\\ùú\ufffd"
        "ü÷STUVWXYZ²Ô#ÒÓĠ"
        '0123456789³Û"ÙÚ'
    ),
    # Cyrillic
    "1025": (
        " \u00a0ђѓёєѕіїј[.<(+!"
        "&љњћќўџЪ№Ђ]$*);^"
        "-/ЃЁЄЅІЇЈЉ|,%_>?"
        "ЊЋЌ\u00adЎЏюаб`:#@'=\""
        "цabcdefghiдефгхи"
        "йjklmnopqrклмноп"
        "я~stuvwxyzрстужв"
        "ьызшэщчъЮАБЦДЕФГ"
        "{ABCDEFGHIХИЙКЛМ"
        "}JKLMNOPQRНОПЯРС"
        "\\§STUVWXYZТУЖВЬЫ"
        "0123456789ЗШЭЩЧ"
    ),
    # Turkish
    "1026": (
        " \u00a0âäàáãå{ñÇ.<(+!"
        "&éêëèíîïìßĞİ*);^"
        "-/ÂÄÀÁÃÅ[Ñş,%_>?"
        "øÉÊËÈÍÎÏÌı:ÖŞ'=Ü"
        "Øabcdefghi«»}`¦±"
        "°jklmnopqrªºæ¸Æ¤"
        "µöstuvwxyz¡¿]$@®"
        "¢£¥·©§¶¼½¾¬|¯¨´×"
        "çABCDEFGHI\u00adô~òóõ"
        "ğJKLMNOPQR¹û\\ùúÿ"
        "ü÷STUVWXYZ²Ô#ÒÓÕ"
        '0123456789³Û"ÙÚ'
    ),
    # Japan, Latin letters (half of 939)
    "1027": (
        " \ufffd｡｢｣､･ｦｧｨ¢.<(+|"
        "&ｩｪｫｬｭｮｯｰｱ!$*);¬"
        "-/ｲｳｴｵｶｷｸｹ\ufffd,%_>?"
        "ｺｻｼｽｾｿﾀﾁﾂ`:#@'=\""
        "\ufffdabcdefghiﾃﾄﾅﾆﾇﾈ"
        "\ufffdjklmnopqrﾉﾊﾋﾌﾍﾎ"
        "‾~stuvwxyzﾏﾐﾑ[ﾒﾓ"
        "^£¥ﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ]ﾞﾟ"
        "{ABCDEFGHI\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "}JKLMNOPQR\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "\\\ufffdSTUVWXYZ\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "0123456789\ufffd\ufffd\ufffd\ufffd\ufffd"
    ),
    # Open systems, Latin 1
    "1047": (
        " \u00a0âäàáãåçñ¢.<(+|"
        "&éêëèíîïìß!$*);^"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌ`:#@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ¤"
        "µ~stuvwxyz¡¿Ð[Þ®"
        "¬£¥·©§¶¼½¾Ý¨¯]´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Farsi
    "1097": (
        " \u00a0،\u064b\ufe81\ufe82\uf8fa\ufe8d\ufe8e\uf8fb¤.<(+|"
        "&\ufe80\ufe83\ufe84\uf8f9\ufe85\ufe8b\ufe8f\ufe91\ufb56!$*);¬"
        "-/\ufb58\ufe95\ufe97\ufe99\ufe9b\ufe9d\ufe9f\ufb7a\u061b,%_>?"
        "\ufb7c\ufea1\ufea3\ufea5\ufea7\ufea9\ufeab\ufead\ufeaf`:#@'=\""
        "\ufb8aabcdefghi«»\ufeb1\ufeb3\ufeb5\ufeb7"
        "\ufeb9jklmnopqr\ufebb\ufebd\ufebf\ufec1\ufec3\ufec5"
        "\ufec7~stuvwxyz\ufec9\ufeca\ufecb\ufecc\ufecd\ufece"
        "\ufecf\ufed0\ufed1\ufed3\ufed5\ufed7\ufb8e\ufedb\ufb92\ufb94[]\ufedd\ufedf\ufee1×"
        "{ABCDEFGHI\u00ad\ufee3\ufee5\ufee7\ufeed\ufee9"
        "}JKLMNOPQR\ufeeb\ufeec\ufba4\ufbfc\ufbfd\ufbfe"
        "\\\u061fSTUVWXYZ\u0640۰۱۲۳۴"
        "0123456789۵۶۷۸۹"
    ),
    # Baltic
    "1112": (
        " \u00a0šäąįūåēž¢.<(+|"
        "&éęėčų„“ģß!$*);¬"
        "-/ŠÄĄĮŪÅĒŽ¦,%_>?"
        "øÉĘĖČŲĪĻĢ`:#@'=\""
        "Øabcdefghi«»āżń±"
        "°jklmnopqrŖŗæķÆ¤"
        "µ~stuvwxyz”źĀŻŃ®"
        "^£ī·©§¶¼½¾[]ŹĶļ×"
        "{ABCDEFGHI\u00adōöņóõ"
        "}JKLMNOPQR¹ćüłś’"
        "\\÷STUVWXYZ²ŌÖŅÓÕ"
        "0123456789³ĆÜŁŚ"
    ),
    # Estonia
    "1122": (
        " \u00a0â{àáã}çñ§.<(+!"
        "&`êëèíîïìß¤Å*);^"
        "-/Â#ÀÁÃ$ÇÑö,%_>?"
        "ø\\ÊËÈÍÎÏÌé:ÄÖ'=\""
        "Øabcdefghi«»šýž±"
        "°jklmnopqrªºæ¸Æ]"
        "µüstuvwxyz¡¿ŠÝŽ®"
        "¢£¥·©[¶¼½¾¬|¯¨´×"
        "äABCDEFGHI\u00adô¦òóõ"
        "åJKLMNOPQR¹û~ùúÿ"
        "É÷STUVWXYZ²Ô@ÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # Ukraine
    "1123": (
        " \u00a0ђґёєѕіїј[.<(+!"
        "&љњћќўџЪ№Ђ]$*);^"
        "-/ҐЁЄЅІЇЈЉ|,%_>?"
        "ЊЋЌ\u00adЎЏюаб`:#@'=\""
        "цabcdefghiдефгхи"
        "йjklmnopqrклмноп"
        "я~stuvwxyzрстужв"
        "ьызшэщчъЮАБЦДЕФГ"
        "{ABCDEFGHIХИЙКЛМ"
        "}JKLMNOPQRНОПЯРС"
        "\\§STUVWXYZТУЖВЬЫ"
        "0123456789ЗШЭЩЧ"
    ),
    # Vietnamese
    "1130": (
        " \u00a0âäàáăåçñ[.<(+!"
        "&éêëèíîï\u0303ß]$*);^"
        "-/ÂÄÀÁĂÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏ₫`:#@'=\""
        "Øabcdefghi«»đ\u0309\u0300±"
        "°jklmnopqrªºæŒÆ¤"
        "µ~stuvwxyz¡¿Đ\u0323\u0301®"
        "¢£¥·©§¶¼½¾¬|¯œŸ×"
        "{ABCDEFGHI\u00adôöưóơ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖƯÓƠ"
        "0123456789³ÛÜÙÚ"
    ),
    # Lao
    "1132": (
        " \u00a0ກຂຄງຈສຊ[¢.<(+|"
        "&\ufffdຍດຕຖທນບ]!$*);¬"
        "-/ປຜຝພຟມຢ^¦,%_>?"
        "₭\ufffdຣລວຫອຮ\ufffd`:#@'=\""
        "\ufffdabcdefghi\ufffd\ufffdຯະາຳ"
        "\ufffdjklmnopqr\u0eb4\u0eb5\u0eb6\u0eb7\u0eb8\u0eb9"
        "\ufffd~stuvwxyz\u0ebc\u0eb1\u0ebbຽ\ufffd\ufffd"
        "໐໑໒໓໔໕໖໗໘໙\ufffdເແໂໃໄ"
        "{ABCDEFGHI\ufffd\u0ec8\u0ec9\u0eca\u0ecb\u0ecc"
        "}JKLMNOPQR\u0ecdໆ\ufffdໜໝ\ufffd"
        "\\\ufffdSTUVWXYZ\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
        "0123456789\ufffd\ufffd\ufffd\ufffd\ufffd"
    ),
    # Hindi
    "1137": (
        " \u00a0\u0901\u0902\u0903अआइईउऊ.<(+|"
        "&ऋऌऍऎएऐऑऒओ!$*);^"
        "-/औकखगघङचछज,%_>?"
        "झञटठडढणतथ`:#@'=\""
        "दabcdefghiधनपफबभ"
        "मjklmnopqrयरलळवश"
        "\u200c~stuvwxyzषसह[\u093cऽ"
        "\u093e\u093f\u0940\u0941\u0942\u0943\u0944\u0945\u0946\u0947\u0948\u0949\u094a]\u094b\u094c"
        "{ABCDEFGHI\u094dॐ\u0951\u0952\ufffd\ufffd"
        "}JKLMNOPQRॠॡ\u0962\u0963।॥"
        "\\\u200dSTUVWXYZ०१२३४५"
        "0123456789६७८९॰"
    ),
    # 037 with the euro
    "1140": (
        " \u00a0âäàáãåçñ¢.<(+|"
        "&éêëèíîïìß!$*);¬"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌ`:#@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ€"
        "µ~stuvwxyz¡¿ÐÝÞ®"
        "^£¥·©§¶¼½¾[]¯¨´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 273 with the euro
    "1141": (
        " \u00a0â{àáãåçñÄ.<(+!"
        "&éêëèíîïì~Ü$*);^"
        "-/Â[ÀÁÃÅÇÑö,%_>?"
        "øÉÊËÈÍÎÏÌ`:#§'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ€"
        "µßstuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©@¶¼½¾¬|¯¨´×"
        "äABCDEFGHI\u00adô¦òóõ"
        "üJKLMNOPQR¹û}ùúÿ"
        "Ö÷STUVWXYZ²Ô\\ÒÓÕ"
        "0123456789³Û]ÙÚ"
    ),
    # 277 with the euro
    "1142": (
        " \u00a0âäàáã}çñ#.<(+!"
        "&éêëèíîïìß€Å*);^"
        "-/ÂÄÀÁÃ$ÇÑø,%_>?"
        "¦ÉÊËÈÍÎÏÌ`:ÆØ'=\""
        "@abcdefghi«»ðýþ±"
        "°jklmnopqrªº{¸[]"
        "µüstuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©§¶¼½¾¬|¯¨´×"
        "æABCDEFGHI\u00adôöòóõ"
        "åJKLMNOPQR¹û~ùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 278 with the euro
    "1143": (
        " \u00a0â{àáã}çñ§.<(+!"
        "&`êëèíîïìß€Å*);^"
        "-/Â#ÀÁÃ$ÇÑö,%_>?"
        "ø\\ÊËÈÍÎÏÌé:ÄÖ'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ]"
        "µüstuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©[¶¼½¾¬|¯¨´×"
        "äABCDEFGHI\u00adô¦òóõ"
        "åJKLMNOPQR¹û~ùúÿ"
        "É÷STUVWXYZ²Ô@ÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 280 with the euro
    "1144": (
        " \u00a0âä{áãå\\ñ°.<(+!"
        "&]êë}íîï~ßé$*);^"
        "-/ÂÄÀÁÃÅÇÑò,%_>?"
        "øÉÊËÈÍÎÏÌù:£§'=\""
        "Øabcdefghi«»ðýþ±"
        "[jklmnopqrªºæ¸Æ€"
        "µìstuvwxyz¡¿ÐÝÞ®"
        "¢#¥·©@¶¼½¾¬|¯¨´×"
        "àABCDEFGHI\u00adôö¦óõ"
        "èJKLMNOPQR¹ûü`úÿ"
        "ç÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 284 with the euro
    "1145": (
        " \u00a0âäàáãåç¦[.<(+|"
        "&éêëèíîïìß]$*);¬"
        "-/ÂÄÀÁÃÅÇ#ñ,%_>?"
        "øÉÊËÈÍÎÏÌ`:Ñ@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ€"
        "µ¨stuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©§¶¼½¾^!¯~´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 285 with the euro
    "1146": (
        " \u00a0âäàáãåçñ$.<(+|"
        "&éêëèíîïìß!£*);¬"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌ`:#@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ€"
        "µ¯stuvwxyz¡¿ÐÝÞ®"
        "¢[¥·©§¶¼½¾^]~¨´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 297 with the euro
    "1147": (
        " \u00a0âä@áãå\\ñ°.<(+!"
        "&{êë}íîïìß§$*);^"
        "-/ÂÄÀÁÃÅÇÑù,%_>?"
        "øÉÊËÈÍÎÏÌµ:£à'=\""
        "Øabcdefghi«»ðýþ±"
        "[jklmnopqrªºæ¸Æ€"
        "`¨stuvwxyz¡¿ÐÝÞ®"
        "¢#¥·©]¶¼½¾¬|¯~´×"
        "éABCDEFGHI\u00adôöòóõ"
        "èJKLMNOPQR¹ûü¦úÿ"
        "ç÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 500 with the euro
    "1148": (
        " \u00a0âäàáãåçñ[.<(+!"
        "&éêëèíîïìß]$*);^"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌ`:#@'=\""
        "Øabcdefghi«»ðýþ±"
        "°jklmnopqrªºæ¸Æ€"
        "µ~stuvwxyz¡¿ÐÝÞ®"
        "¢£¥·©§¶¼½¾¬|¯¨´×"
        "{ABCDEFGHI\u00adôöòóõ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 871 with the euro
    "1149": (
        " \u00a0âäàáãåçñÞ.<(+!"
        "&éêëèíîïìßÆ$*);Ö"
        "-/ÂÄÀÁÃÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏÌð:#Ð'=\""
        "Øabcdefghi«»`ý{±"
        "°jklmnopqrªº}¸]€"
        "µöstuvwxyz¡¿@Ý[®"
        "¢£¥·©§¶¼½¾¬|¯¨\\×"
        "þABCDEFGHI\u00adô~òóõ"
        "æJKLMNOPQR¹ûüùúÿ"
        "´÷STUVWXYZ²Ô^ÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 870 with the euro
    "1153": (
        " \u00a0âäţáăčçć[.<(+!"
        "&éęëůíîľĺß]$*);^"
        "-/ÂÄ˝ÁĂČÇĆ|,%_>?"
        "ˇÉĘËŮÍÎĽĹ`:#@'=\""
        "˘abcdefghiśňđýřş"
        "°jklmnopqrłńš¸˛€"
        "ą~stuvwxyzŚŇĐÝŘŞ"
        "˙ĄżŢŻ§žźŽŹŁŃŠ¨´×"
        "{ABCDEFGHI\u00adôöŕóő"
        "}JKLMNOPQRĚűüťúě"
        "\\÷STUVWXYZďÔÖŔÓŐ"
        "0123456789ĎŰÜŤÚ"
    ),
    # 1025 with the euro
    "1154": (
        " \u00a0ђѓёєѕіїј[.<(+!"
        "&љњћќўџЪ№Ђ]$*);^"
        "-/ЃЁЄЅІЇЈЉ|,%_>?"
        "ЊЋЌ\u00adЎЏюаб`:#@'=\""
        "цabcdefghiдефгхи"
        "йjklmnopqrклмноп"
        "я~stuvwxyzрстужв"
        "ьызшэщчъЮАБЦДЕФГ"
        "{ABCDEFGHIХИЙКЛМ"
        "}JKLMNOPQRНОПЯРС"
        "\\€STUVWXYZТУЖВЬЫ"
        "0123456789ЗШЭЩЧ"
    ),
    # 1026 with the euro
    "1155": (
        " \u00a0âäàáãå{ñÇ.<(+!"
        "&éêëèíîïìßĞİ*);^"
        "-/ÂÄÀÁÃÅ[Ñş,%_>?"
        "øÉÊËÈÍÎÏÌı:ÖŞ'=Ü"
        "Øabcdefghi«»}`¦±"
        "°jklmnopqrªºæ¸Æ€"
        "µöstuvwxyz¡¿]$@®"
        "¢£¥·©§¶¼½¾¬|¯¨´×"
        "çABCDEFGHI\u00adô~òóõ"
        "ğJKLMNOPQR¹û\\ùúÿ"
        "ü÷STUVWXYZ²Ô#ÒÓÕ"
        '0123456789³Û"ÙÚ'
    ),
    # 1112 with the euro
    "1156": (
        " \u00a0šäąįūåēž¢.<(+|"
        "&éęėčų„“ģß!$*);¬"
        "-/ŠÄĄĮŪÅĒŽ¦,%_>?"
        "øÉĘĖČŲĪĻĢ`:#@'=\""
        "Øabcdefghi«»āżń±"
        "°jklmnopqrŖŗæķÆ€"
        "µ~stuvwxyz”źĀŻŃ®"
        "^£ī·©§¶¼½¾[]ŹĶļ×"
        "{ABCDEFGHI\u00adōöņóõ"
        "}JKLMNOPQR¹ćüłś’"
        "\\÷STUVWXYZ²ŌÖŅÓÕ"
        "0123456789³ĆÜŁŚ"
    ),
    # 1122 with the euro
    "1157": (
        " \u00a0â{àáã}çñ§.<(+!"
        "&`êëèíîïìß€Å*);^"
        "-/Â#ÀÁÃ$ÇÑö,%_>?"
        "ø\\ÊËÈÍÎÏÌé:ÄÖ'=\""
        "Øabcdefghi«»šýž±"
        "°jklmnopqrªºæ¸Æ]"
        "µüstuvwxyz¡¿ŠÝŽ®"
        "¢£¥·©[¶¼½¾¬|¯¨´×"
        "äABCDEFGHI\u00adô¦òóõ"
        "åJKLMNOPQR¹û~ùúÿ"
        "É÷STUVWXYZ²Ô@ÒÓÕ"
        "0123456789³ÛÜÙÚ"
    ),
    # 1123 with the euro
    "1158": (
        " \u00a0ђґёєѕіїј[.<(+!"
        "&љњћќўџЪ№Ђ]$*);^"
        "-/ҐЁЄЅІЇЈЉ|,%_>?"
        "ЊЋЌ\u00adЎЏюаб`:#@'=\""
        "цabcdefghiдефгхи"
        "йjklmnopqrклмноп"
        "я~stuvwxyzрстужв"
        "ьызшэщчъЮАБЦДЕФГ"
        "{ABCDEFGHIХИЙКЛМ"
        "}JKLMNOPQRНОПЯРС"
        "\\€STUVWXYZТУЖВЬЫ"
        "0123456789ЗШЭЩЧ"
    ),
    # 838 with the euro
    "1160": (
        " \u00a0กขฃคฅฆง[¢.<(+|"
        "&\u0e48จฉชซฌญฎ]!$*);¬"
        "-/ฏฐฑฒณดต^¦,%_>?"
        "฿\u0e4eถทธนบปผ`:#@'=\""
        "๏abcdefghiฝพฟภมย"
        "๚jklmnopqrรฤลฦวศ"
        "๛~stuvwxyzษสหฬอฮ"
        "๐๑๒๓๔๕๖๗๘๙ฯะ\u0e31าำ\u0e34"
        "{ABCDEFGHI\u0e49\u0e35\u0e36\u0e37\u0e38\u0e39"
        "}JKLMNOPQR\u0e3aเแโใไ"
        "\\\u0e4aSTUVWXYZๅๆ\u0e47\u0e48\u0e49\u0e4a"
        "0123456789\u0e4b\u0e4c\u0e4d\u0e4b€"
    ),
    # 1130 with the euro
    "1164": (
        " \u00a0âäàáăåçñ[.<(+!"
        "&éêëèíîï\u0303ß]$*);^"
        "-/ÂÄÀÁĂÅÇÑ¦,%_>?"
        "øÉÊËÈÍÎÏ₫`:#@'=\""
        "Øabcdefghi«»đ\u0309\u0300±"
        "°jklmnopqrªºæŒÆ€"
        "µ~stuvwxyz¡¿Đ\u0323\u0301®"
        "¢£¥·©§¶¼½¾¬|¯œŸ×"
        "{ABCDEFGHI\u00adôöưóơ"
        "}JKLMNOPQR¹ûüùúÿ"
        "\\÷STUVWXYZ²ÔÖƯÓƠ"
        "0123456789³ÛÜÙÚ"
    ),
    # Kazakh
    "1166": (
        " \u00a0әғёєѕіқј[.<(+!"
        "&ңөұүўһЪ№Ә]$*);^"
        "-/ҒЁЄЅІҚЈҢ|,%_>?"
        "ӨҰҮ\u00adЎҺюаб`:#@'=\""
        "цabcdefghiдефгхи"
        "йjklmnopqrклмноп"
        "я~stuvwxyzрстужв"
        "ьызшэщчъЮАБЦДЕФГ"
        "{ABCDEFGHIХИЙКЛМ"
        "}JKLMNOPQRНОПЯРС"
        "\\€STUVWXYZТУЖВЬЫ"
        "0123456789ЗШЭЩЧ"
    ),
}
