"""The words that shops use, as tables: in names of classes and ids, in labels, on buttons and notices.

Each entry is a fact about a language or a habit of markup, never about one site. Chinese first.
"""

import re

# Parts of class, id, itemprop and data-* names. Compared with names cut into words: "priceBlock_ourPrice".
PRICE_NAMES = (
    "price", "prix", "preis", "precio", "prezzo", "cena", "kaina", "hind", "fiyat", "jiage", "amount", "prijs",
)  # fmt: skip
# Words in the text itself that make it a price.
PRICE_WORDS = ("价", "價", "price", "preis", "prix", "precio", "prezzo", "цена", "ціна", "cena:")
CURRENT_NAMES = (
    "current", "sale", "now", "our", "final", "special", "actual", "deal", "main", "sell", "selling", "offer",
    "buybox", "promo", "new", "total", "product",
)  # fmt: skip
FORMER_NAMES = (
    "old", "was", "listprice", "strike", "striked", "before", "rrp", "msrp", "original", "crossed", "compare",
    "previous", "former", "regular", "retail", "market", "alt", "secondary",
)  # fmt: skip
PARTIAL_NAMES = (
    "unit", "per", "shipping", "delivery", "installment", "instalment", "month", "monthly", "points", "saving",
    "savings", "save", "discount", "filter", "slider", "tax", "vat", "credit", "loan", "cashback", "rent", "coupon",
    "percent", "badge", "warranty", "deposit", "used", "hidden", "tooltip", "popover", "modal", "popup", "minimum",
    "threshold", "bonus", "range",
)  # fmt: skip
ELSEWHERE_NAMES = (
    "related", "recommend", "recommended", "recommendation", "recommendations", "similar", "carousel", "upsell",
    "cross", "footer", "header", "nav", "navigation", "menu", "minicart", "sponsored", "also", "accessory",
    "accessories", "recently", "viewed", "bundle", "swiper", "comparison", "variations", "twister", "history",
    "basket", "together", "bought", "warranty", "aside", "sidebar", "sims", "rhf", "reco",
)  # fmt: skip

STOCK_NAMES = (
    "availability", "available", "stock", "instock", "outofstock", "inventory", "verfuegbarkeit", "dispo",
    "disponibilite",
)  # fmt: skip
BRAND_NAMES = (
    "brand", "byline", "manufacturer", "marque", "marke", "vendor", "producer", "fabricant",
)  # fmt: skip
CART_ACTIONS = ("cart", "basket", "warenkorb", "panier", "carrito", "carrello", "koszyk", "kosik", "kosic", "checkout")
BUY_NAMES = (
    "buy_btn", "btn_buy", "buybtn", "btnbuy", "add2cart", "addcart",
    "addtocart", "add-to-cart", "add_to_cart", "addtobasket", "add-to-basket", "addtobag", "add-to-bag", "buynow",
    "buy-now", "buy_now", "btn-buy", "buybutton", "buy-button",
)  # fmt: skip

BUY_WORDS = (
    "我要购买", "我要購買", "加入購買", "放进购物车", "立即下单", "购买", "今すぐ購入", "購入する", "comprar agora",
    "jetzt kaufen",
    "kaufen", "acheter", "order now", "add item", "adaugă în coș", "adauga in cos", "dodaj u košaricu", "vložit do",
    "kúpiť", "koupit", "kup teraz", "в кошик", "satın al", "beli sekarang", "tambah ke", "mua ngay", "ซื้อ",
    "in mijn winkel",
    "加入购物车", "立即购买", "马上抢", "加入購物車", "立即購買", "直接購買", "放入購物車", "カートに入れる",
    "カートに追加", "장바구니", "구매하기", "바로구매", "add to cart", "add to bag", "add to basket",
    "add to trolley", "buy now", "buy it now", "buy this", "in den warenkorb", "in den einkaufswagen",
    "ajouter au panier", "achat immédiat", "añadir al carrito", "añadir a la cesta", "agregar al carro", "comprar",
    "adicionar ao carrinho", "aggiungi al carrello", "in winkelwagen", "in winkelmandje", "do koszyka", "do košíka",
    "do košíku", "v košarico", "u košaricu", "kosárba", "în coș", "în cos", "sepete ekle", "в корзину", "купить",
    "до кошика", "купити", "lägg i varukorg", "köp", "læg i kurv", "legg i handlekurv", "lisää ostoskoriin",
    "lisa korvi", "lisa ostukorvi", "ielikt grozā", "pievienot grozam", "pirkt", "į krepšelį", "הוסף לסל",
    "הוספה לסל", "קנה עכשיו", "أضف إلى", "أضف الى", "เพิ่มลงตะกร้า", "thêm vào giỏ",
)  # fmt: skip
OUT_WORDS = (
    "缺货", "无货", "售罄", "已售完", "已下架", "商品已下柜", "到货通知", "暂时无货", "補貨中", "売り切れ",
    "在庫切れ", "品切れ", "품절", "일시품절", "매진", "out of stock", "sold out", "currently unavailable",
    "temporarily unavailable", "not available", "no longer available", "unavailable", "notify me when",
    "email me when", "ausverkauft", "nicht verfügbar", "nicht auf lager", "nicht lieferbar", "derzeit nicht",
    "épuisé", "rupture de stock", "indisponible", "agotado", "sin stock", "no disponible", "esgotado",
    "indisponível", "esaurito", "non disponibile", "uitverkocht", "niet op voorraad", "niedostępny",
    "brak w magazynie", "vypredané", "vyprodáno", "nedostupn", "není skladem", "nie je na sklade", "ni na zalogi",
    "razprodano", "elfogyott", "nincs raktáron", "stoc epuizat", "indisponibil", "tükendi", "stokta yok",
    "нет в наличии", "распродан", "немає в наявності", "slut i lager", "slutsåld", "udsolgt", "utsolgt",
    "loppuunmyyty", "ei ole laos", "läbi müüdud", "nav pieejams", "izpārdots", "išparduota", "אזל מהמלאי",
    "غير متوفر", "نفذت الكمية", "สินค้าหมด", "hết hàng",
)  # fmt: skip
IN_WORDS = (
    "有货", "现货", "有貨", "現貨", "在庫あり", "在庫有", "재고 있음", "in stock", "available", "on stock",
    "left in stock", "usually dispatched", "auf lager", "lieferbar", "vorrätig", "verfügbar", "en stock",
    "disponible", "em estoque", "disponível", "disponibile", "op voorraad", "dostępny", "w magazynie", "skladem",
    "na sklade", "na zalogi", "na voljo", "na stanju", "raktáron", "în stoc", "in stoc", "stokta var", "в наличии",
    "есть в наличии", "в наявності", "i lager", "på lager", "varastossa", "laos", "ir noliktavā", "pieejams",
    "yra sandėlyje", "במלאי", "متوفر",
)  # fmt: skip

# Labels in front of a value, lower case, without colon.
SKU_LABELS = (
    "商品编号", "商品编码", "商品货号", "货号", "商品編號", "商品番号", "品番", "상품번호", "상품코드", "sku",
    "asin", "item", "item no", "item number", "item code", "item id", "product code",
    "product id", "product number", "product no", "catalog number", "cat. no", "catalogue number", "article",
    "article number", "article no", "art. no", "art.nr", "art.-nr", "art nr", "artikelnummer", "artikel-nr",
    "artikelnr", "bestellnummer", "bestell-nr", "référence", "reference", "réf", "ref", "referencia", "código",
    "codice", "codice prodotto", "artikelcode", "productcode", "kod produktu", "kód produktu", "kód", "kód tovaru",
    "katalogové číslo", "šifra", "šifra artikla", "cikkszám", "cod produs", "ürün kodu", "артикул", "код товара",
    "код", "код товару", "varenummer", "tuotenumero", "tootekood", "kood", "preces kods", "prekės kodas", "מק\"ט",

)  # fmt: skip
BRAND_LABELS = (
    "品牌", "品牌名称", "ブランド", "ブランド名", "브랜드", "brand", "brand name", "brands", "marque", "marke",
    "marca", "merk", "marka", "značka", "znamka", "blagovna znamka", "márka", "бренд", "торговая марка", "märke",
    "varumärke", "mærke", "merke", "merkki", "tuotemerkki", "bränd", "kaubamärk", "zīmols", "prekės ženklas",
    "מותג", "العلامة التجارية", "thương hiệu", "ยี่ห้อ", "manufacturer", "hersteller", "fabricant", "fabricante",
    "produttore", "fabrikant", "producent", "výrobca", "výrobce", "proizvajalec", "gyártó", "producator", "üretici",
    "производитель", "виробник", "tillverkare", "tootja", "ražotājs", "gamintojas", "יצרן", "生产厂家", "制造商",
)  # fmt: skip
GTIN_LABELS = (
    "条形码", "条码", "商品条码", "国际条码", "ean", "ean-13", "ean13", "ean code", "gtin", "upc", "barcode",
    "isbn", "isbn-13", "jan", "jan code", "код ean", "ean kód", "ean-code", "штрихкод", "штрих-код",
)  # fmt: skip

# Names of form fields and data attributes that carry the shop's own number.
ID_FIELDS = (
    "sku", "asin", "product_sku", "productsku", "product-sku", "item_sku", "sku_id", "skuid", "product_id",
    "productid", "product-id", "item_id", "itemid", "item-id", "goods_id", "goodsid", "id_product", "pid",
    "prod_id", "add-to-cart", "articlenumber", "article_id", "product_code", "productcode",
)  # fmt: skip
ID_PARAMETERS = (
    "id", "item_id", "itemid", "item", "goods_id", "goodsid", "product_id", "productid", "pid", "sku", "skuid",
    "sku_id", "childsku", "offerid", "prd_no", "prdno", "goodsno", "dp",
)  # fmt: skip

# Currency that a bare sign means on a country's domain.
SIGN_BY_DOMAIN = {
    "ca": "CAD", "au": "AUD", "nz": "NZD", "sg": "SGD", "hk": "HKD", "tw": "TWD", "mx": "MXN", "cl": "CLP", "co": "COP",
    "ar": "ARS", "jp": "JPY", "cn": "CNY",
}  # fmt: skip

BYLINES = re.compile(
    r"^(?:visit the (?P<a>.+?) store|besuchen sie den (?P<b>.+?)[- ]store|visi[tr]e[rz]? la boutique (?:de )?(?P<c>.+)"
    r"|visita lo store di (?P<d>.+)|visita la tienda de (?P<e>.+)|(?:by|von|par|de|di|от)[: ]\s*(?P<f>.+)"
    r"|(?:brand|marke|marque|marca|merk|бренд|品牌)\s*[:：]\s*(?P<g>.+))$",
    re.IGNORECASE,
)
