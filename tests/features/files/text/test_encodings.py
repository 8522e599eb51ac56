"""Text in the encodings of twelve languages is read right, and a guess is said with a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import LeadReadyError
from features.files.open_table import read_text_table
from features.files.reading_notes import Notes

GERMAN = "Kunde;Straße;Größe\nMüller;Köln;groß\nSchäfer;Nürnberg;übergeben\n"
FRENCH = "Société;Créé le;Étape\nGénéral;Marché;Gagné\nFrançois;Orléans;À suivre\n"
SPANISH = "País;Teléfono;Año\nEspaña;Peña;Málaga\nPerú;Muñoz;Bogotá\n"
PORTUGUESE = "Município;Situação;Criação\nSão Paulo;Concluído;João\n"
POLISH = "Imię;Źródło;Etap\nŁukasz;Łódź;Zamknięte\nMałgorzata;Kraków;Świętokrzyskie\n"
CZECH = "Jméno;Město;Zdroj\nJiří;Plzeň;Vyhráno\nŠárka;Ústí nad Labem;Ztraceno\n"
HUNGARIAN = "Név;Város;Forrás\nGyőző;Győr;Elnyerve\nŐrsi;Debrecen;Megnyert\n"
TURKISH = "Adı;Şehir;Aşama\nİbrahim;İstanbul;Kazanıldı\nAyşe;Eskişehir;Kaybedildi\n"
RUSSIAN = "Имя;Город;Стадия сделки\nИван;Москва;Сделка успешна\nОльга;Казань;Отказ\n"
GREEK = "Όνομα;Πόλη;x\nΓιώργος;Αθήνα;1\nΜαρία;Θεσσαλονίκη;2\n"
JAPANESE = "顧客番号;氏名;状況\n1;田中;成約\n2;鈴木;失注\n3;サクラ株式会社;商談中\n"
CHINESE = "客户编号;姓名;阶段\n1;张伟;赢单\n2;王芳;输单\n3;北京科技有限公司;推荐\n"
TRADITIONAL = "客戶編號;姓名;階段\n1;張偉;贏單\n2;王芳;輸單\n3;臺北科技公司;推薦\n"
KOREAN = "고객번호;이름;단계\n1;김철수;성공\n2;이영희;실패\n3;서울무역회사;추천\n"
CASES = [
    *((GERMAN, encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252", "cp850")),
    *((FRENCH, encoding) for encoding in ("utf-16-le", "utf-16-be", "cp1252", "mac_roman")),
    *((SPANISH, encoding) for encoding in ("cp1252", "iso8859-15")),
    (PORTUGUESE, "cp1252"),
    (POLISH, "cp1250"),
    (CZECH, "cp1250"),
    (HUNGARIAN, "cp1250"),
    (TURKISH, "cp1254"),
    *((RUSSIAN, encoding) for encoding in ("cp1251", "koi8-r", "cp866")),
    (GREEK, "cp1253"),
    *((JAPANESE, encoding) for encoding in ("shift_jis", "cp932", "utf-16")),
    *((CHINESE, encoding) for encoding in ("gbk", "gb18030", "gb2312")),
    (TRADITIONAL, "big5"),
    (KOREAN, "cp949"),
]


def read(folder: Path, content: bytes, encoding: str | None = None) -> tuple[str, Notes]:
    (folder / "a.csv").write_bytes(content)
    notes: Notes = []
    table = read_text_table(folder / "a.csv", encoding=encoding, notes=notes)
    lines = [list(table.columns), *table.to_numpy().tolist()]
    return "".join(";".join(line) + "\n" for line in lines), notes


@pytest.mark.parametrize(("text", "encoding"), CASES)
def test_a_text_is_read_right(tmp_path: Path, text: str, encoding: str) -> None:
    found, notes = read(tmp_path, text.encode(encoding))
    assert found == text
    assert bool(notes) == (not encoding.startswith("utf"))


def test_a_guess_is_said_with_what_was_read(tmp_path: Path) -> None:
    _, notes = read(tmp_path, RUSSIAN.encode("cp1251"))
    assert [(note.kind, note.text, note.value) for note in notes] == [
        (
            "encoding",
            "the text is not UTF-8 and was read as cp1251, which gives Имя, Город, Стадия",
            "cp1251",
        )
    ]


def test_each_line_of_a_mixed_file_is_read_in_its_encoding(tmp_path: Path) -> None:
    mixed = RUSSIAN.encode() + "Мария;Тверь;Новая\n".encode("cp1251") * 3
    found, notes = read(tmp_path, mixed)
    assert found == RUSSIAN + "Мария;Тверь;Новая\n" * 3
    assert notes[0].text.startswith("some lines are not UTF-8 and were read as cp1251")


def test_the_encoding_that_is_named_counts(tmp_path: Path) -> None:
    assert read(tmp_path, GERMAN.encode("cp1252"), "cp1252") == (GERMAN, [])
    with pytest.raises(LeadReadyError, match="the text is not utf-8"):
        read(tmp_path, GERMAN.encode("cp1252"), "utf-8")
