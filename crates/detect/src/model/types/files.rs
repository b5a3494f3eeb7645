//! The types of what stands inside files: the tree of exploded files and what each scanner found.

use clawback_mql::{RecordType, Ty};

use super::mail::{ATTACHMENT, BODY_HTML, MAILBOX, URL};
use super::{LINKS, MAILBOXES, TEXTS, URLS};

types! {
    OLE_BOOL_INDICATOR = "OleBoolIndicator" {
        "exists": Ty::Bool,
        "risk": Ty::Text,
    }
    OLE_INDICATORS = "OleIndicators" {
        "container_format": Ty::Record(&OLE_STRING_INDICATOR),
        "encryption": Ty::Record(&OLE_BOOL_INDICATOR),
        "external_relationships": Ty::Record(&OLE_INT_INDICATOR),
        "file_format": Ty::Record(&OLE_STRING_INDICATOR),
        "flash_objects": Ty::Record(&OLE_INT_INDICATOR),
        "object_pool": Ty::Record(&OLE_BOOL_INDICATOR),
        "vba_macros": Ty::Record(&OLE_BOOL_INDICATOR),
    }
    OLE_INT_INDICATOR = "OleIntIndicator" {
        "count": Ty::Int,
        "risk": Ty::Text,
    }
    OLE_MACRO_KEYWORD = "OleMacroKeyword" {
        "description": Ty::Text,
        "keyword": Ty::Text,
        "type": Ty::Text,
    }
    OLE_OBJ_RELATIONSHIP = "OleObjRelationship" {
        "name": Ty::Text,
        "target": Ty::Text,
        "target_url": Ty::Record(&URL),
    }
    OLE_RESULT = "OleResult" {
        "error": Ty::Text,
        "indicators": Ty::Record(&OLE_INDICATORS),
        "macros": Ty::Record(&OLE_VBA_MACROS),
        "relationships": Ty::List(&Ty::Record(&OLE_OBJ_RELATIONSHIP)),
    }
    OLE_STRING_INDICATOR = "OleStringIndicator" {
        "risk": Ty::Text,
        "value": Ty::Text,
    }
    OLE_VBA_MACROS = "OleVBAMacros" {
        "keywords": Ty::List(&Ty::Record(&OLE_MACRO_KEYWORD)),
        "modules": Ty::List(&Ty::Record(&OLE_VBA_MODULE)),
        "vba_code_all_modules": Ty::Text,
    }
    OLE_VBA_MODULE = "OleVBAModule" {
        "form_string": Ty::Text,
        "form_variables": Ty::Text,
        "ole_stream": Ty::Text,
        "vba_code": Ty::Text,
        "vba_file_name": Ty::Text,
    }
    EXPANDED = "ExpandedArchives" {
        "files": Ty::List(&Ty::Record(&ATTACHMENT)),
    }
    PARSE_TEXT_RESULT = "ParseTextResult" {
        "text": Ty::Text,
    }
    SCAN_B_ZIP2 = "ScanBZip2" {
        "size": Ty::Int,
    }
    SCAN_DOCX = "ScanDocX" {
        "author": Ty::Text,
        "category": Ty::Text,
        "comments": Ty::Text,
        "created": Ty::Text,
        "font_colors": TEXTS,
        "image_count": Ty::Int,
        "keywords": Ty::Text,
        "last_printed": Ty::Text,
        "modified": Ty::Text,
        "revision": Ty::Int,
        "subject": Ty::Text,
        "title": Ty::Text,
        "word_count": Ty::Int,
    }
    SCAN_EMBEDDED_HTML_SCRIPT = "ScanEmbeddedHTMLScript" {
        "language": Ty::Text,
        "scripts": Ty::Text,
        "type": Ty::Text,
    }
    SCAN_ENCRYPTED_DOC = "ScanEncryptedDoc" {
        "cracked_password": Ty::Text,
    }
    SCAN_ENCRYPTED_ZIP = "ScanEncryptedZip" {
        "cracked_password": Ty::Text,
        "total_extracted": Ty::Int,
        "total_files": Ty::Int,
    }
    SCAN_ENTROPY = "ScanEntropy" {
        "entropy": Ty::Float,
    }
    SCAN_EXIF_TOOL = "ScanExifTool" {
        "command_line_arguments": Ty::Text,
        "create_date": Ty::Text,
        "creator": Ty::Text,
        "exif_tool_version": Ty::Float,
        "fields": Ty::List(&Ty::Record(&SCAN_KEY_VAL)),
        "file_permissions": Ty::Text,
        "file_type": Ty::Text,
        "file_type_extension": Ty::Text,
        "flags": TEXTS,
        "hot_key": Ty::Text,
        "image_height": Ty::Int,
        "image_width": Ty::Int,
        "linearized": Ty::Text,
        "local_base_path": Ty::Text,
        "modify_date": Ty::Text,
        "page_count": Ty::Int,
        "pdf_version": Ty::Text,
        "producer": Ty::Text,
        "relative_path": Ty::Text,
        "run_window": Ty::Text,
        "source_file": Ty::Text,
        "target_file_dos_name": Ty::Text,
        "title": Ty::Text,
        "zip_bit_flag": Ty::Int,
        "zip_compressed_size": Ty::Int,
        "zip_file_name": Ty::Text,
        "zip_modify_date": Ty::Text,
        "zip_uncompressed_size": Ty::Int,
    }
    SCAN_FLAVORS = "ScanFlavors" {
        "external": TEXTS,
        "mime": Ty::Text,
        "yara": TEXTS,
    }
    SCAN_GZIP = "ScanGZip" {
        "size": Ty::Int,
    }
    SCAN_HTML = "ScanHTML" {
        "hyperlinks": TEXTS,
        "scripts": Ty::List(&Ty::Record(&SCAN_EMBEDDED_HTML_SCRIPT)),
        "spans": Ty::List(&Ty::Record(&SCAN_HTML_SPAN)),
        "title": Ty::Text,
        "total_extracted": Ty::Int,
    }
    SCAN_HTML_SPAN = "ScanHTMLSpan" {
        "style": Ty::Text,
    }
    SCAN_HASH = "ScanHash" {
        "md5": Ty::Text,
        "sha1": Ty::Text,
        "sha256": Ty::Text,
        "ssdeep": Ty::Text,
    }
    SCAN_ICS = "ScanICS" {
        "calendars": Ty::List(&Ty::Record(&SCAN_ICS_CALENDAR)),
        "flags": TEXTS,
        "parse_error": Ty::Text,
        "total": Ty::Record(&SCAN_ICS_TOTAL),
        "total_extracted": Ty::Int,
        "total_files": Ty::Int,
    }
    SCAN_ICS_ATTACHMENT = "ScanICSAttachment" {
        "decode_error": Ty::Text,
        "extracted": Ty::Bool,
        "filename": Ty::Text,
        "mime_type": Ty::Text,
        "size": Ty::Text,
        "type": Ty::Text,
        "uri": Ty::Text,
    }
    SCAN_ICS_ATTENDEE = "ScanICSAttendee" {
        "mailbox": Ty::Record(&MAILBOX),
        "partstat": Ty::Text,
        "role": Ty::Text,
        "rsvp": Ty::Bool,
    }
    SCAN_ICS_CALENDAR = "ScanICSCalendar" {
        "calscale": Ty::Text,
        "components": Ty::List(&Ty::Record(&SCAN_ICS_COMPONENT)),
        "method": Ty::Text,
        "prodid": Ty::Text,
        "version": Ty::Text,
    }
    SCAN_ICS_COMPONENT = "ScanICSComponent" {
        "attachments": Ty::List(&Ty::Record(&SCAN_ICS_ATTACHMENT)),
        "attendees": Ty::List(&Ty::Record(&SCAN_ICS_ATTENDEE)),
        "class": Ty::Text,
        "created": Ty::Text,
        "description": Ty::Text,
        "dtend": Ty::Text,
        "dtstamp": Ty::Text,
        "dtstart": Ty::Text,
        "duration": Ty::Text,
        "last_modified": Ty::Text,
        "location": Ty::Text,
        "organizers": Ty::List(&Ty::Record(&SCAN_ICS_ORGANIZER)),
        "priority": Ty::Text,
        "sequence": Ty::Text,
        "status": Ty::Text,
        "summary": Ty::Text,
        "transp": Ty::Text,
        "type": Ty::Text,
        "uid": Ty::Text,
        "urls": URLS,
    }
    SCAN_ICS_ORGANIZER = "ScanICSOrganizer" {
        "mailbox": Ty::Record(&MAILBOX),
    }
    SCAN_ICS_TOTAL = "ScanICSTotal" {
        "alarms": Ty::Int,
        "attachments": Ty::Int,
        "attendees": Ty::Int,
        "components": Ty::Int,
        "events": Ty::Int,
        "extracted_files": Ty::Int,
        "journals": Ty::Int,
        "organizers": Ty::Int,
        "timezones": Ty::Int,
        "todos": Ty::Int,
        "urls": Ty::Int,
    }
    SCAN_JAVASCRIPT = "ScanJavascript" {
        "identifiers": TEXTS,
        "keywords": TEXTS,
        "regular_expressions": TEXTS,
        "strings": TEXTS,
        "tokens": TEXTS,
    }
    SCAN_JPEG_GIF = "ScanJpegGif" {
        "trailer_index": Ty::Int,
    }
    SCAN_KEY_VAL = "ScanKeyVal" {
        "key": Ty::Text,
        "value": Ty::Text,
    }
    SCAN_LNK = "ScanLNK" {
        "MAC": Ty::Text,
        "command_line_arguments": Ty::Text,
        "drive_serial_number": Ty::Text,
        "drive_type": Ty::Text,
        "local_base_path": Ty::Text,
        "machine_id": Ty::Text,
        "relative_path": Ty::Text,
        "volume_label": Ty::Text,
        "working_dir": Ty::Text,
    }
    SCAN_LIBARCHIVE = "ScanLibArchive" {
        "total_extracted": Ty::Int,
        "total_files": Ty::Int,
    }
    SCAN_MACHO = "ScanMachO" {
        "commands": TEXTS,
        "has_code_signature": Ty::Bool,
        "header": Ty::Map(&Ty::Any),
        "load_dylinker_name": Ty::Text,
        "nx": Ty::Bool,
        "pie": Ty::Bool,
        "source_version": Ty::Text,
        "symbols": Ty::Map(&Ty::Any),
        "total_binaries": Ty::Int,
        "total_commands": Ty::Int,
        "total_libraries": Ty::Int,
        "total_relocations": Ty::Int,
        "total_sections": Ty::Int,
        "total_segments": Ty::Int,
        "total_symbols": Ty::Int,
    }
    SCAN_OCR = "ScanOCR" {
        "raw": Ty::Text,
        "text": TEXTS,
    }
    SCAN_OLE = "ScanOle" {
        "total_extracted": Ty::Int,
    }
    SCAN_PDF = "ScanPDF" {
        "invalid_urls": TEXTS,
        "total_extracted": Ty::Int,
        "urls": URLS,
    }
    SCAN_PDF_OBJ_HASH = "ScanPDFObjHash" {
        "hash_string": Ty::Text,
        "object_hash": Ty::Text,
    }
    SCAN_PPTX = "ScanPPTX" {
        "author": Ty::Text,
        "category": Ty::Text,
        "comments": Ty::Text,
        "created": Ty::Text,
        "image_count": Ty::Int,
        "invalid_urls": TEXTS,
        "keywords": Ty::Text,
        "last_modified_by": Ty::Text,
        "last_printed": Ty::Text,
        "modified": Ty::Text,
        "revision": Ty::Int,
        "slide_count": Ty::Int,
        "subject": Ty::Text,
        "title": Ty::Text,
        "urls": URLS,
        "word_count": Ty::Int,
    }
    SCAN_QR = "ScanQR" {
        "data": Ty::Text,
        "type": Ty::Text,
        "url": Ty::Record(&URL),
    }
    SCAN_RTF = "ScanRTF" {
        "total_extracted": Ty::Int,
    }
    SCAN_RAR = "ScanRar" {
        "host_os": Ty::Text,
        "total_extracted": Ty::Int,
        "total_files": Ty::Int,
    }
    EXPLODED = "Exploded" {
        "depth": Ty::Int,
        "file_extension": Ty::Text,
        "file_name": Ty::Text,
        "flavors": Ty::Record(&SCAN_FLAVORS),
        "node_id": Ty::Text,
        "parent_node_id": Ty::Text,
        "scan": Ty::Record(&SCAN),
        "size": Ty::Int,
        "source": Ty::Text,
    }
    SCAN = "Scan" {
        "bzip2": Ty::Record(&SCAN_B_ZIP2),
        "docx": Ty::Record(&SCAN_DOCX),
        "encrypted_doc": Ty::Record(&SCAN_ENCRYPTED_DOC),
        "encrypted_zip": Ty::Record(&SCAN_ENCRYPTED_ZIP),
        "entropy": Ty::Record(&SCAN_ENTROPY),
        "exiftool": Ty::Record(&SCAN_EXIF_TOOL),
        "gif": Ty::Record(&SCAN_JPEG_GIF),
        "gzip": Ty::Record(&SCAN_GZIP),
        "hash": Ty::Record(&SCAN_HASH),
        "html": Ty::Record(&SCAN_HTML),
        "ics": Ty::Record(&SCAN_ICS),
        "javascript": Ty::Record(&SCAN_JAVASCRIPT),
        "jpeg": Ty::Record(&SCAN_JPEG_GIF),
        "libarchive": Ty::Record(&SCAN_LIBARCHIVE),
        "lnk": Ty::Record(&SCAN_LNK),
        "macho": Ty::Record(&SCAN_MACHO),
        "ocr": Ty::Record(&SCAN_OCR),
        "ole": Ty::Record(&SCAN_OLE),
        "pdf": Ty::Record(&SCAN_PDF),
        "pdf_obj_hash": Ty::Record(&SCAN_PDF_OBJ_HASH),
        "pptx": Ty::Record(&SCAN_PPTX),
        "qr": Ty::Record(&SCAN_QR),
        "rar": Ty::Record(&SCAN_RAR),
        "rtf": Ty::Record(&SCAN_RTF),
        "strings": Ty::Record(&SCAN_STRINGS),
        "tar": Ty::Record(&SCAN_TAR),
        "url": Ty::Record(&SCAN_URL),
        "vba": Ty::Record(&SCAN_VBA),
        "xml": Ty::Record(&SCAN_XML),
        "yara": Ty::Record(&SCAN_YARA),
        "zip": Ty::Record(&SCAN_ZIP),
        "zlib": Ty::Record(&SCAN_ZLIB),
    }
    SCAN_STRINGS = "ScanStrings" {
        "raw": Ty::Text,
        "strings": TEXTS,
    }
    SCAN_TAR = "ScanTar" {
        "total_extracted": Ty::Int,
        "total_files": Ty::Int,
    }
    SCAN_URL = "ScanURL" {
        "invalid_urls": TEXTS,
        "urls": URLS,
    }
    SCAN_VBA = "ScanVBA" {
        "auto_exec": TEXTS,
        "base64": TEXTS,
        "dridex": TEXTS,
        "hex": TEXTS,
        "ioc": TEXTS,
        "suspicious": TEXTS,
        "total_extracted": Ty::Int,
        "total_files": Ty::Int,
        "vba_obfuscated": TEXTS,
    }
    SCAN_XML = "ScanXML" {
        "doc_type": Ty::Text,
        "namespaces": TEXTS,
        "tags": TEXTS,
        "total_extracted": Ty::Int,
        "version": Ty::Text,
    }
    SCAN_YARA = "ScanYARA" {
        "flags": TEXTS,
        "matches": Ty::List(&Ty::Record(&SCAN_YARA_MATCH)),
    }
    SCAN_YARA_MATCH = "ScanYARAMatch" {
        "meta": Ty::Map(&Ty::Any),
        "name": Ty::Text,
    }
    SCAN_ZLIB = "ScanZLib" {
        "size": Ty::Int,
    }
    SCAN_ZIP = "ScanZip" {
        "all_paths": TEXTS,
        "attempted_files": TEXTS,
        "encrypted": Ty::Bool,
        "total_extracted": Ty::Int,
        "total_files": Ty::Int,
    }
    PARSED_EXIF = "Exif" {
        "author": Ty::Text,
        "command_line_arguments": Ty::Text,
        "create_date": Ty::Text,
        "creator": Ty::Text,
        "exif_tool_version": Ty::Float,
        "fields": Ty::List(&Ty::Record(&SCAN_KEY_VAL)),
        "file_permissions": Ty::Text,
        "file_type": Ty::Text,
        "file_type_extension": Ty::Text,
        "flags": TEXTS,
        "hot_key": Ty::Text,
        "image_height": Ty::Int,
        "image_width": Ty::Int,
        "linearized": Ty::Text,
        "local_base_path": Ty::Text,
        "modify_date": Ty::Text,
        "page_count": Ty::Int,
        "pdf_version": Ty::Text,
        "producer": Ty::Text,
        "relative_path": Ty::Text,
        "run_window": Ty::Text,
        "source_file": Ty::Text,
        "target_file_dos_name": Ty::Text,
        "title": Ty::Text,
        "zip_bit_flag": Ty::Int,
        "zip_compressed_size": Ty::Int,
        "zip_file_name": Ty::Text,
        "zip_modify_date": Ty::Text,
        "zip_uncompressed_size": Ty::Int,
    }
    QR_FOUND = "QrCodes" {
        "found": Ty::Bool,
        "items": Ty::List(&Ty::Record(&SCAN_QR)),
    }
    ICS = "Calendar" {
        "events": Ty::List(&Ty::Record(&ICS_EVENT)),
        "method": Ty::Text,
        "product_id": Ty::Text,
        "version": Ty::Text,
    }
    ICS_EVENT = "CalendarEvent" {
        "attendees": MAILBOXES,
        "description": Ty::Text,
        "description_html": Ty::Record(&BODY_HTML),
        "end": Ty::Text,
        "links": LINKS,
        "location": Ty::Text,
        "organizer": Ty::Record(&MAILBOX),
        "raw_properties": Ty::List(&Ty::Record(&SCAN_KEY_VAL)),
        "start": Ty::Text,
        "status": Ty::Text,
        "summary": Ty::Text,
        "uid": Ty::Text,
    }
}
