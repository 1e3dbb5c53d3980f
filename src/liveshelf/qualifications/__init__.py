"""Who may sell what: categories of goods, the papers that they and a shop's subject need, and what each subject may do.

Promises: what is asked for is data, and the tables of the docs are made from it; a paper lies sealed, is seen only
through a signed link that ends soon, and every look is written down; a shop opens by an application that a person of
the platform approved, or under a waiver that the policy of the house allows; a right ends for whoever lost it with the
next transaction.
Words: category 类目, paper 资质, subject 主体 (person 个人, sole trader 个体工商户, enterprise 企业),
goods kind 商品类型.
"""
