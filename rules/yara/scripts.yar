/*
  Pages, scripts, macros and shortcuts that bring in and start something.
*/

rule clawback_html_smuggling
{
    meta:
        description = "A page that decodes a blob by script and saves it as a file"
        severity = "high"
    strings:
        $script = "<script" nocase
        $blob = /new\s{1,4}Blob\s{0,4}\(/ nocase
        $url = "createObjectURL" nocase
        $save = "msSaveOrOpenBlob" nocase
        $atob = /\batob\s{0,4}\(/ nocase
        $bytes = "Uint8Array" nocase
        $download = /\.download\s{0,4}=/ nocase
        $click = /\.click\s{0,4}\(\s{0,4}\)/ nocase
        $mz = "TVqQAAMAAAAEAAAA"
        $zip = "UEsDBBQA"
    condition:
        filesize < 8MB
        and $script
        and (
            ($blob and ($url or $save) and ($atob or $bytes) and ($download or $click or $save))
            or ($atob and ($mz or $zip))
        )
}

rule clawback_macro_downloader
{
    meta:
        description = "Macro code that starts by itself, fetches something and runs it"
        severity = "high"
    strings:
        $auto1 = "AutoOpen" nocase
        $auto2 = "Document_Open" nocase
        $auto3 = "Workbook_Open" nocase
        $auto4 = "Auto_Open" nocase
        $get1 = "MSXML2.XMLHTTP" nocase
        $get2 = "WinHttp.WinHttpRequest" nocase
        $get3 = "URLDownloadToFile" nocase
        $get4 = "Invoke-WebRequest" nocase
        $get5 = "DownloadString" nocase
        $get6 = "bitsadmin" nocase
        $run1 = "WScript.Shell" nocase
        $run2 = "Shell.Application" nocase
        $run3 = /\bShell\s{0,2}\(/ nocase
        $run4 = "powershell" nocase
        $run5 = "CreateProcess" nocase
    condition:
        any of ($auto*) and any of ($get*) and any of ($run*)
}

rule clawback_script_downloader
{
    meta:
        description = "A script file that fetches something and runs it"
        severity = "high"
    strings:
        $host1 = "WScript." nocase
        $host2 = "ActiveXObject" nocase
        $host3 = "CreateObject" nocase
        $host4 = "<hta:application" nocase
        $get1 = "MSXML2." nocase
        $get2 = "WinHttp" nocase
        $get3 = "ADODB.Stream" nocase
        $get4 = "DownloadFile" nocase
        $get5 = "DownloadString" nocase
        $run1 = ".Run" nocase
        $run2 = "ShellExecute" nocase
        $run3 = "powershell" nocase
        $run4 = "mshta" nocase
        $run5 = "regsvr32" nocase
    condition:
        filesize < 2MB
        and any of ($host*) and any of ($get*) and any of ($run*)
}

rule clawback_shortcut_runs_shell
{
    meta:
        description = "A Windows shortcut that starts a shell, a script host or a living-off-the-land program"
        severity = "high"
    strings:
        $power = "powershell" nocase ascii wide
        $cmd = "cmd.exe" nocase ascii wide
        $mshta = "mshta" nocase ascii wide
        $wscript = "wscript" nocase ascii wide
        $cscript = "cscript" nocase ascii wide
        $rundll = "rundll32" nocase ascii wide
        $regsvr = "regsvr32" nocase ascii wide
        $curl = "curl" nocase ascii wide
        $cert = "certutil" nocase ascii wide
        $bits = "bitsadmin" nocase ascii wide
        $msi = "msiexec" nocase ascii wide
    condition:
        uint32be(0) == 0x4c000000
        and uint32be(4) == 0x01140200
        and any of them
}

rule clawback_svg_with_script
{
    meta:
        description = "An SVG picture with a script or an event that runs one"
        severity = "high"
    strings:
        $svg = "<svg" nocase
        $script = "<script" nocase
        $event = /\son(load|click|error|begin|mouseover)\s{0,4}=/ nocase
        $foreign = "<foreignObject" nocase
        $js = "javascript:" nocase
    condition:
        filesize < 4MB and $svg in (0..2048) and ($script or $event or $js or $foreign)
}
