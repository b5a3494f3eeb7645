/*
  Lure documents: little more than a button that leads to the web, or a container with a program in it.
  Named in rules by `file.explode(.).scan.yara.matches`.
*/

rule clawback_pdf_single_link_button
{
    meta:
        description = "A short PDF whose only content is one link annotation to the web"
        severity = "medium"
    strings:
        $uri = /\/URI\s{0,4}\(\s{0,4}https?:/
        $link = /\/Subtype\s{0,4}\/Link/
        $page = /\/Type\s{0,4}\/Page[^s]/
    condition:
        uint32be(0) == 0x25504446
        and filesize < 300KB
        and #uri == 1
        and #link <= 2
        and #page == 1
}

rule clawback_pdf_opens_by_itself
{
    meta:
        description = "A PDF with an action on opening that starts a script, a program or a web page"
        severity = "high"
    strings:
        $open = "/OpenAction"
        $aa = "/AA"
        $js = "/JavaScript"
        $launch = "/Launch"
        $submit = "/SubmitForm"
    condition:
        uint32be(0) == 0x25504446
        and ($launch or (($open or $aa) and ($js or $submit)))
}

rule clawback_onenote_embedded_program
{
    meta:
        description = "A OneNote section with an embedded file that runs on a click"
        severity = "high"
    strings:
        $section = { e4 52 5c 7b 8c d8 a7 4d ae b1 53 78 d0 29 96 d3 }
        $object = { e7 16 e3 bd 65 26 11 45 a4 c4 8d 4d 0b 7a 9e ac }
        $mz = { 4d 5a 90 00 }
        $hta = "<hta:application" nocase
        $script = "<script" nocase
        $shell = "WScript.Shell" nocase
        $cmd = "cmd /c" nocase
        $power = "powershell" nocase
        $lnk = { 4c 00 00 00 01 14 02 00 }
    condition:
        $section at 0
        and $object
        and any of ($mz, $hta, $script, $shell, $cmd, $power, $lnk)
}

rule clawback_rtf_embedded_object
{
    meta:
        description = "An RTF with an embedded OLE package or equation object"
        severity = "high"
    strings:
        $class = /\\objclass\s{1,4}(Equation|Package|OLE2Link)/ nocase
        $data = "\\objdata" nocase
        $update = "\\objupdate" nocase
        $hexole = "d0cf11e0a1b11ae1" nocase
    condition:
        uint32be(0) == 0x7b5c7274
        and $data
        and ($class or ($update and $hexole))
}
